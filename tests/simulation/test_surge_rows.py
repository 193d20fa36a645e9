"""Every check of scaler/replacement/held_pod.py decides, and the scaler may die as it does.

A seed in which each decides is kept with it; `python -m tests.simulation.rows` looks for them
again. There the scaler is killed as soon as the check has decided: before or after its next call,
or, where it only waits, at once.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest

from scaler.replacement.held_case import Step, Way
from tests.simulation import worlds
from tests.simulation.connection import Call, CrashedError
from tests.simulation.rows import CHAINS, counted
from tests.simulation.run import run
from tests.simulation.world import World

SEEDS: dict[str, int] = {
    "terminating": 1,
    "workload_gone": 797,
    "drained": 1,
    "replaced": 1,
    "deletion_asked_for": 38,
    "no_way_back": 214,
    "not_yet_available": 1,
    "stopped": 67,
    "current": 20,
    "rollout_begun": 315,
    "replacement_fails": 10,
    "same_name": 3622,
    "replacement_missing": 1,
    "replacement_starting": 1,
    "none_to_wait_for": 114,
    "none_desired": 102,
    "in_the_way": 214,
}
"""A seed in which each decides."""


def test_every_check_has_its_seed() -> None:
    rows = [*CHAINS["held_pod"].purposes()]
    assert sorted(SEEDS) == sorted(rows)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("row", SEEDS)
def test_the_scaler_dies_in_it_and_no_promise_is_broken(row: str, side: str) -> None:
    with deadly({row}, side) as seen:
        result = run(SEEDS[row])
    assert row in seen
    assert result.violation is None


@contextmanager
def deadly(rows: Collection[str], side: str) -> Iterator[set[str]]:
    """The checks that decide in a run; in the first of `rows` the scaler dies, once."""
    seen: set[str] = set()
    running: list[World] = []
    build = worlds.build

    def built(seed: int) -> World:
        running.append(build(seed))
        return running[-1]

    def decided(chain: str, row: str, outcome: object) -> None:
        if not isinstance(outcome, Step):
            return
        if row in rows and not seen & set(rows):
            _dies(running[-1], outcome, side)
        seen.add(row)

    with pytest.MonkeyPatch.context() as patch, counted(decided):
        patch.setattr(worlds, "build", built)
        yield seen


def _dies(world: World, found: Step, side: str) -> None:
    subject, done = world.subject, [False]
    assert subject is not None

    def die(call: Call) -> None:
        if not done[0]:
            done[0] = True
            raise CrashedError

    if found.way is Way.WAIT:
        world.timeline.after(0.0 if side == "before" else 1.0, lambda: world.kill(subject))
    else:
        getattr(subject.connection, side).append(die)
