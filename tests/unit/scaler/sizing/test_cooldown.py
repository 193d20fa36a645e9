"""A workload that was just changed is left alone for a while."""

import pytest

from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, injected, stored, using, view
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
