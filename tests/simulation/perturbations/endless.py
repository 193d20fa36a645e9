"""Waits without an end (tests/simulation/waits.py): when they come, and that they go."""

from functools import partial
from random import Random

from tests.simulation import waits
from tests.simulation.perturbations.ground import between
from tests.simulation.perturbations.hostile import lose
from tests.simulation.world import World


def plan(world: World, perturbed: float) -> None:
    """Let the seed's come; what does not end by itself ends with the perturbations."""
    chance = world.source["waits"]
    for name in waits.drawn(world.source.seed):
        at = chance.uniform(0.0, 0.6 * perturbed)
        come = {"endless": _endless, "refusing": _refuse}.get(name)
        if come is not None:
            world.timeline.after(at, partial(come, world, Random(f"{world.source.seed}/{name}")))


def end(world: World) -> None:
    """Programs stop, kubelets take every pod, and what they refused is cleared away."""
    world.kubelets.endless.clear()
    world.kubelets.most = None
    for key, pod in list(world.etcd.all("pods").items()):
        if pod["status"].get("phase") == "Failed":
            world.cluster.delete("pods", *key)


def _endless(world: World, chance: Random) -> None:
    if not world.calm:
        world.perturbed.add("endless")
        names = sorted(n for n in world.apps if n.startswith("w"))
        world.kubelets.endless.update(chance.sample(names, max(1, len(names) * 2 // 3)))
        world.trace.add("perturbed", f"never end: {sorted(world.kubelets.endless)}")


def _refuse(world: World, chance: Random, tries: int = 4) -> None:
    most = between(world, chance, "requests")
    if world.calm or (most is None and not tries):
        return
    if most is None:  # nobody has another size yet
        world.timeline.after(45.0, partial(_refuse, world, chance, tries - 1))
        return
    world.perturbed.add("refusing kubelets")
    world.trace.add("perturbed", f"kubelets refuse pods above {most}m")
    world.kubelets.most = most
    lose(world)
