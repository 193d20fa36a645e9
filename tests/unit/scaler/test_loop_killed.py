"""A scaler that is killed before or after any call leaves nothing unfinished."""

from collections.abc import Iterator
from typing import Any

import pytest

from store.model import Phase
from store.reasons import Reason
from tests.fakes import Killed
from tests.unit.scaler.world import World


def deaths() -> Iterator[Any]:
    for after in (False, True):
        for call in range(1, 60):
            yield pytest.param(call, after, id=f"{'after' if after else 'before'} call {call}")


@pytest.mark.parametrize(("call", "after"), list(deaths()))
def test_a_change_of_a_scaler_that_is_killed_anywhere_is_finished_by_the_next(
    call: int, after: bool
) -> None:
    """Whatever it did last, no pod is lost, none is taken twice, and the end is the same."""
    world = World()
    world.load.used = 490
    world.api.killed_at, world.api.after = call, after
    try:
        world.cycle(10)
    except Killed:
        world.start()
    world.api.killed_at = None
    world.cycle(10)
    assert world.limits() == ["1", "1"]
    assert (world.status.phase, world.status.reason) == (Phase.SETTLED, Reason.DOUBLED)
    assert sum("/eviction" in w for w in world.api.writes) == 2
    assert world.status.restarts.count in (2, 3), "at most the one that was on record is counted"
