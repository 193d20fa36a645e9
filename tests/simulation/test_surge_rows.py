"""Every row of scaler/replacement/held_pod.py comes up, and the scaler may die in each.

A seed in which a row comes up is kept with it; `python -m tests.simulation.test_surge_rows` looks
for them again. There the scaler is killed as soon as it has found itself in the row: before or
after its next call, or, where it only waits, at once.
"""

import re
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from scaler.cluster.view import View
from scaler.replacement import held_pod
from scaler.replacement.held_pod import Step, Way
from tests.simulation import worlds
from tests.simulation.connection import Call, CrashedError
from tests.simulation.run import run
from tests.simulation.world import World

ROWS: dict[str, tuple[Way, str]] = {
    "it is being deleted": (Way.WAIT, r"is replaced, and going"),
    "the workload is gone": (Way.HAND_BACK, r"the workload is gone"),
    "the others are Ready": (Way.DRAIN, r"is replaced by"),
    "it is drained": (Way.DELETE, r"is replaced by"),
    "deletion was asked for": (Way.DELETE_AT_ONCE, r"is deleted"),
    "nobody would adopt it": (Way.WAIT, r"nobody would adopt"),
    "none is wanted": (Way.HAND_BACK, r"no pod is wanted any more"),
    "paused or left": (Way.HAND_BACK, r"paused|dryRun|the workload has left|a quantity"),
    "it is as it should be": (Way.HAND_BACK, r"is as it should be"),
    "a rollout has begun": (Way.HAND_BACK, r"ReplicaSets|another template"),
    "the replacement fails": (
        Way.HAND_BACK,
        r"crash-loops|is Pending|is not Ready after|forbidden",
    ),
    "one is missing": (Way.WAIT, r"stays until then: \d+ of \d+ others are there"),
    "one is starting": (Way.WAIT, r"stays until then: its replacement is starting"),
}
SEEDS: dict[str, int] = {
    "it is being deleted": 1,
    "the workload is gone": 681,
    "the others are Ready": 1,
    "it is drained": 1,
    "deletion was asked for": 49,
    "nobody would adopt it": 1677,
    "none is wanted": 711,
    "paused or left": 558,
    "it is as it should be": 30,
    "a rollout has begun": 170,
    "the replacement fails": 30,
    "one is missing": 1,
    "one is starting": 1,
}
"""The first seed in which each comes up."""


def test_every_row_has_its_seed() -> None:
    assert SEEDS.keys() == ROWS.keys()


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("row", ROWS)
def test_the_scaler_dies_in_it_and_no_promise_is_broken(row: str, side: str) -> None:
    with watched({row}, side) as seen:
        result = run(SEEDS[row])
    assert row in seen
    assert result.violation is None


@contextmanager
def watched(deadly: Collection[str] = (), side: str = "") -> Iterator[set[str]]:
    """The rows that come up in a run; in the first of the deadly ones the scaler dies, once."""
    seen: set[str] = set()
    running: list[World] = []
    usual, build = held_pod.step, worlds.build

    def built(seed: int) -> World:
        running.append(build(seed))
        return running[-1]

    def step(view: View, *more: Any) -> Step:
        found = usual(view, *more)
        rows = set(_row(found))
        if rows & set(deadly) and not seen & set(deadly):
            _dies(running[-1], found, side)
        seen.update(rows)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_pod, "step", step)
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


def _row(step: Step) -> Iterator[str]:
    for name, (way, words) in ROWS.items():
        if step.way is way and re.search(words, step.why):
            yield name


if __name__ == "__main__":
    sought = set(ROWS)
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        with watched() as rows:
            run(number)
        for name in sorted(rows & sought):
            print(f'    "{name}": {number},', flush=True)
        sought -= rows
        if not sought:
            break
    print("never:", sought or "none")
