"""The history's file is lost and the scaler starts again, with a server in some mood to ask."""

from functools import partial
from random import Random

from tests.simulation import disk
from tests.simulation.served import MOODS
from tests.simulation.world import World


def plan(world: World, perturbed: float) -> None:
    """Several times in a run; nothing where the world has no server."""
    if world.served is None:
        return
    chance = world.source["served"]
    for number in range(chance.randint(2, 5)):
        at = chance.uniform(60.0, max(61.0, perturbed))
        world.timeline.after(
            at, partial(_begin_again, world, Random(f"{world.source.seed}/{number}"))
        )


def end(world: World) -> None:
    """From now on it is right."""
    if world.served is not None:
        world.served.mood = "right"


def _begin_again(world: World, chance: Random) -> None:
    if world.calm or world.served is None:
        return
    world.served.mood = chance.choice(MOODS)
    world.disk = disk.made()
    world.perturbed.add("served")
    world.trace.add("perturbed", f"the history is lost, its server is {world.served.mood}")
    if world.subject:
        world.kill(world.subject)
