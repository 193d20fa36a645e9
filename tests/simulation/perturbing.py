"""What can go wrong, by name: each is a function, registered with one line.

A perturbation gets the world and a random source of its own, does its mischief at the moment it is
called, and returns what ends it (None: it ends by itself, or stays for good). When it comes is
drawn by the plan: at some time, or right after the scaler wrote or took something.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from random import Random

from tests.simulation.connection import Call
from tests.simulation.world import World

Heal = Callable[[], object] | None
Mischief = Callable[[World, Random], Heal]

REGISTRY: dict[str, tuple[Mischief, int]] = {}

NOT_YET: dict[str, str] = {}
"""Not asked of the scaler yet, with the reason; delete a line to switch its perturbation on."""

CLOCK_STEPS = {"clock_steps"}
"""Perturbations after which the scaler's clock hours are not true hours."""


def perturbation(weight: int = 2) -> Callable[[Mischief], Mischief]:
    """Register; `weight`: how often in relation to others."""

    def register(mischief: Mischief) -> Mischief:
        REGISTRY[mischief.__name__] = (mischief, weight)
        return mischief

    return register


@dataclass
class Planned:
    """One perturbation of a run."""

    number: int
    name: str
    moment: str
    delay: float
    skip: int = 0
    heal: Heal = None
    came: float | None = None

    def __str__(self) -> str:
        at = "never came" if self.came is None else f"came at {self.came:.1f} s"
        return f"#{self.number} {self.name} ({self.moment} + {self.delay:.1f} s), {at}"


def plan(
    world: World, duration: float, counts: tuple[int, int], without: Collection[int] = ()
) -> list[Planned]:
    """Draw the run's perturbations and let them come; `without`: numbers that are left out."""
    chance = world.source["plan"]
    names = [n for n in REGISTRY if n not in NOT_YET]
    weights = [REGISTRY[n][1] for n in names]
    planned = []
    for number in range(chance.randint(*counts)):
        name = chance.choices(names, weights)[0]
        moment = chance.choice(["time", "written", "written", "taken", "taken"])
        longest = duration if moment == "time" else chance.choice([0.5, 3.0, 20.0])
        delay = chance.uniform(0.0, longest)

        planned.append(Planned(number, name, moment, delay, chance.choice([0, 0, 1, 2, 5])))
    kept = [p for p in planned if p.number not in without]
    for one in kept:
        if one.moment == "time":
            world.timeline.after(one.delay, partial(_come, world, one))
        else:
            world.moments.append(partial(_moment, world, one))
    return kept


def heal(world: World, planned: list[Planned]) -> None:
    """The perturbations are over: end those that have come, and let no other come."""
    world.calm, world.calm_since = True, world.timeline.now
    world.trace.add("calm", "the perturbations are over")
    for one in planned:
        if one.heal is not None:
            one.heal()


def _moment(world: World, one: Planned, what: str, call: Call) -> None:
    if what != one.moment or one.skip < 0:
        return
    one.skip -= 1
    if one.skip < 0:
        world.timeline.after(one.delay, lambda: _come(world, one))


def _come(world: World, one: Planned) -> None:
    if world.calm:
        return
    mischief, _ = REGISTRY[one.name]
    one.came = world.timeline.elapsed
    world.perturbed.add(one.name)
    world.trace.add("perturbed", f"#{one.number} {one.name}")
    one.heal = mischief(world, Random(f"{world.source.seed}/perturbation {one.number}"))
