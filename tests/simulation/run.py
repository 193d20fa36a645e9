"""One run: build, perturb, calm, judge. The whole of it follows from the seed."""

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from kube import timestamps
from store.reasons import Reason
from tests.simulation import disk, facts, moving, mutants, perturbations, perturbing, worlds
from tests.simulation.judge import Judge
from tests.simulation.perturbations import (
    agents,
    cordoning,
    endless,
    hostile,
    images,
    preempting,
    resizing,
    serving,
    tenants,
    unlike,
    while_held,
)
from tests.simulation.served import Served
from tests.simulation.world import Counts, World

__all__ = ["Result", "Violation", "perturbations", "run"]

_STEP = 5.0
_QUIET = 40.0
"""Seconds without a write of the scaler after which it is taken to have settled."""
_CALM = 420.0
"""Seconds that it has for that, once the perturbations are over; twice as many where a program
is still given more memory, or followed: each step is measured for a minute, and pods come one by
one."""
_START = 95.0
"""Seconds that each pod of a slow program takes on top."""
_GROWS = (Reason.MEMORY_PRESSURE, Reason.OOM_KILLED, Reason.TRACKED)


@dataclass(frozen=True)
class Violation:
    """A promise that was not kept."""

    invariant: str
    words: str
    detail: str


@dataclass(frozen=True)
class Result:
    """The result of one run."""

    seed: int
    counts: Counts
    violation: Violation | None
    trace: list[str] = field(default_factory=list)
    perturbations: list[str] = field(default_factory=list)


class Past(Enum):
    """What a scaler has of its past as it starts."""

    NONE = "nothing"
    KEPT = "its history, which outlives its processes"
    SERVED = "a history that is lost now and then, and a server to ask, in some mood"


def run(
    seed: int,
    *,
    without: Collection[int] = (),
    trace: bool = False,
    mutant: str | None = None,
    past: Past = Past.NONE,
) -> Result:
    """Simulate a seed; `without`: numbers of the perturbations that are left out."""
    with mutants.defective(mutant), _uncollected():
        return _run(seed, without, trace=trace, past=past)


@contextmanager
def _uncollected() -> Iterator[None]:
    """A run keeps its whole history, in which nothing is found that could be freed before its end:
    looking for it took a sixth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _run(seed: int, without: Collection[int], *, trace: bool, past: Past) -> Result:
    world = worlds.build(seed)
    world.disk = None if past is Past.NONE else disk.made()
    world.served = Served(world.kubelets, world.timeline) if past is Past.SERVED else None
    judge = Judge(world)
    with judge.listening():
        world.start_scaler()
        scale = worlds.scale_of(seed)
        planned = perturbing.plan(world, scale.perturbed, scale.perturbations, without)
        hostile.plan(world, scale.perturbed)
        images.plan(world, scale.perturbed)
        endless.plan(world, scale.perturbed)
        while_held.plan(world, scale.perturbed)
        tenants.plan(world, scale.perturbed)
        resizing.plan(world, scale.perturbed)
        cordoning.plan(world, scale.perturbed)
        serving.plan(world, scale.perturbed)
        agents.plan(world, scale.perturbed)
        preempting.plan(world, scale.perturbed)
        unlike.plan(world, scale.perturbed)
        _pass(world, scale.perturbed)
        if not world.timeline.over:
            hostile.end(world)
            images.end(world)
            endless.end(world)
            tenants.end(world)
            resizing.end(world)
            serving.end(world)
            agents.end(world)
            preempting.end(world)
            unlike.end(world)
            perturbing.heal(world, planned)
            _settle(world, judge)
    found = judge.violation
    return Result(
        seed,
        world.counts,
        Violation(*found) if found else None,
        world.trace.lines() if trace else [],
        [str(p) for p in planned],
    )


def _pass(world: World, seconds: float) -> None:
    while seconds > 0 and not world.timeline.over:
        world.timeline.pass_(min(_STEP, seconds))
        seconds -= _STEP


def _patience(world: World, calm: float) -> float:
    """Seconds in which everything must have settled."""
    slow = [
        o for o in world.owners() if (app := world.apps.get(o["metadata"]["name"])) and app.slow
    ]
    starts = _START * sum(facts.wanted(owner) for owner in slow)
    found = [facts.podsize_of(p) for p in world.etcd.all("podsizes").values()]
    lines = [line for podsize in found if podsize for line in podsize.status.changes]
    grown = (timestamps.seconds(c.at) or 0.0 for c in lines if c.reason in _GROWS)
    return starts + _CALM * (2 if any(at >= calm for at in grown) else 1)


def _settle(world: World, judge: Judge) -> None:
    """Run until nothing has been written for a while; then judge the final state."""
    for app in world.apps.values():
        app.demand = {name: 30.0 for name in app.demand}
        app.bursts = 0.0
    calm = world.timeline.now
    while world.timeline.now < calm + _patience(world, calm) and not world.timeline.over:
        _pass(world, _STEP)
        busy = world.timeline.now - max(world.last_write, calm) < _QUIET
        if not busy and judge.settled():
            judge.at_end()
            if not world.timeline.over:
                moving.to_and_fro(world, judge)
            return
    if not world.timeline.over:
        judge.never_settled()
