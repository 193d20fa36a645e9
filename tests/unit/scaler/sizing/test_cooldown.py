"""A workload that was just changed is left alone for a while."""

import pytest

from kube import timestamps
from store.model import Status
from store.reasons import Reason
from store.records import BackOff
from tests.unit.scaler.builders import NOW, injected, stored, view
from tests.unit.scaler.cycles import using
from tests.unit.scaler.sizing.deciding import changed, decided

R = Reason


@pytest.mark.parametrize(
    ("age", "reason"),
    [(0, R.COOLDOWN), (119, R.COOLDOWN), (120, R.DOUBLED), (-3600, R.DOUBLED)],
    ids=["at once", "just before two minutes", "two minutes", "the clock stepped back"],
)
def test_a_workload_is_left_alone_for_two_minutes(age: float, reason: Reason) -> None:
    status = Status(size=stored(), changes=(changed(NOW - age),))
    seen = view(injected("a", stored()), injected("b", stored()), status=status)
    got = decided(seen, using(nginx=990))
    assert got.reason is reason
    assert (got.size == stored()) == (reason is R.COOLDOWN)


@pytest.mark.parametrize(
    ("until", "reason"),
    [(300, R.BACKING_OFF), (-1, R.DOUBLED)],
    ids=["while a failure is waited out", "when that is over"],
)
def test_after_a_failed_change_nothing_is_tried(until: float, reason: Reason) -> None:
    wait = BackOff(1, timestamps.text(NOW + until), R.ROLLED_BACK)
    status = Status(size=stored(), backoff=wait)
    seen = view(injected("a", stored()), injected("b", stored()), status=status)
    got = decided(seen, using(nginx=990))
    assert got.reason is reason
    assert (got.size == stored()) == (reason is R.BACKING_OFF)


def test_the_message_says_what_was_due_and_why_it_waits() -> None:
    status = Status(size=stored(), changes=(changed(NOW - 30),))
    seen = view(injected("a", stored()), injected("b", stored()), status=status)
    got = decided(seen, using(nginx=990))
    assert got.message == "nginx used 990m of 1 for 60 s; the last change was 30 s ago"
