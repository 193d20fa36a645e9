"""Nodes that take no pods for a moment, though what is on them stays: `kubectl cordon`.

Drawn apart from the other perturbations, so that a seed without it is the world that it was.
"""

from functools import partial
from random import Random

from tests.simulation.perturbations.neighbours import cordon
from tests.simulation.world import World

_SHARE = 0.05
"""Of the seeds."""


def plan(world: World, perturbed: float) -> None:
    """Cordon a node now and then, for seconds: no usage is read in between."""
    chance = world.source["cordoned"]
    if chance.random() < _SHARE:
        for at in (chance.uniform(0.0, perturbed) for _ in range(12)):
            world.timeline.after(at, partial(_cordoned, world, chance))


def _cordoned(world: World, chance: Random) -> None:
    if world.calm:
        return
    name = chance.choice(sorted(n for _, n in world.etcd.all("nodes")))
    world.perturbed.add("cordoned")
    cordon(world, name, True)
    world.timeline.after(chance.uniform(1.0, 8.0), lambda: cordon(world, name, False))
