"""Images that cannot be pulled for a while: pods that are made then wait, whatever their size.

Drawn apart from the other perturbations, so that a seed without it is the world that it was.
"""

from functools import partial

from store.reasons import Reason
from tests.simulation import facts
from tests.simulation.world import World

_SHARE = 0.08
"""Of the seeds."""
_LOOK = 0.5
"""Seconds between two looks for a replacement that has begun."""


def plan(world: World, perturbed: float) -> None:
    """Let a registry be away once, for the programs of which a pod is being replaced."""
    chance = world.source["image"]
    if chance.random() < _SHARE:
        at, length = chance.uniform(0.0, 0.3 * perturbed), chance.uniform(100.0, 300.0)
        world.timeline.after(at, partial(_await, world, length))


def end(world: World) -> None:
    """All of them are there again."""
    world.kubelets.unpulled.clear()


def _await(world: World, length: float) -> None:
    """In the middle of a replacement."""
    if world.calm:
        return
    found = [facts.podsize_of(p) for p in world.etcd.all("podsizes").values()]
    names = [p.workload.name for p in found if p and p.status.reason is Reason.PENDING_REPLACEMENT]
    if names:
        _gone(world, names, length)
    else:
        world.timeline.after(_LOOK, partial(_await, world, length))


def _gone(world: World, names: list[str], length: float) -> None:
    if world.calm:
        return
    world.trace.add("perturbed", f"no image can be pulled: {names}")
    world.perturbed.add("images away")
    world.kubelets.unpulled.update(names)
    world.timeline.after(length, partial(end, world))
