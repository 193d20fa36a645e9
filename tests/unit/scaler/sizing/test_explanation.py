"""The one reason that is reported where several apply: the order of explanation.py."""

from store.reasons import Reason
from tests.unit.scaler.builders import asked, owner, pod, using, view
from tests.unit.scaler.sizing.deciding import TWO, decided


def test_the_container_furthest_from_its_target_speaks() -> None:
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO), settings=asked(cpu_max="500m"))
    got = decided(seen, using(nginx=499, side=10))
    assert (got.reason, got.decisions[1].reason) == (Reason.AT_MAXIMUM, Reason.IN_BOUNDS)
    assert decided(seen, using(nginx=499, side=95)).reason is Reason.DOUBLED
