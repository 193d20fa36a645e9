"""The restarts of a workload in this clock hour."""

import pytest

from kube import timestamps
from scaler.disruption.restart_budget import counting, one_more
from store.records import Restarts
from tests.unit.scaler.builders import NOW

HOUR, LAST, NEXT, AFTER = (timestamps.hour(NOW + 3600 * h) for h in (0, -1, 1, 2))


@pytest.mark.parametrize(
    ("hour", "count"),
    [(HOUR, 4), (LAST, 0), (NEXT, 4), (AFTER, 0), ("", 0), ("nonsense", 0)],
    ids=[
        *("this hour's", "the last hour's", "the clock stepped back into the last hour"),
        *("written by a clock that was wrong", "nothing on record", "not a time"),
    ],
)
def test_only_restarts_of_this_hour_count(hour: str, count: int) -> None:
    assert counting(Restarts(hour, 4), NOW) == count


def test_the_last_second_of_an_hour_counts_and_the_next_hour_begins_at_none() -> None:
    begins = NOW - NOW % 3600
    restarts = Restarts(timestamps.text(begins), 4)
    assert counting(restarts, begins + 3599.9) == 4
    assert counting(restarts, begins + 3600) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Restarts(), Restarts(HOUR, 1)),
        (Restarts(HOUR, 4), Restarts(HOUR, 5)),
        (Restarts(LAST, 4), Restarts(HOUR, 1)),
        (Restarts(NEXT, 4), Restarts(NEXT, 5)),
    ],
    ids=["the first", "one more", "the first of a new hour", "the clock stepped back"],
)
def test_one_more_restart_is_recorded(before: Restarts, after: Restarts) -> None:
    assert one_more(before, NOW) == after
