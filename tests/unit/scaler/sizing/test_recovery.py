"""A workload left and came back, or somebody deleted its PodSize: the table of recovery.py."""

from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import (
    NGINX,
    NOW,
    asked,
    hand,
    injected,
    owner,
    pod,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import ceiling, using
from tests.unit.scaler.sizing.deciding import changed, decided, one, outcome


def test_the_store_says_what_the_pods_still_have() -> None:
    last = stored(3)
    status = Status(last_good=last, changes=(changed(NOW - 900),))
    seen = view(injected("a", last), injected("b", last), status=status)
    got = decided(seen, using(nginx=10))
    assert got.size == stored(4)
    assert got.reason is Reason.MANUAL


def test_a_deleted_history_is_read_from_the_pods() -> None:
    """Else the revision would be one that pods bear already, with other values."""
    last = stored(7)
    seen = view(injected("a", last), by_hand=[hand(cpu=(300, 600))])
    got = decided(seen, using())
    assert got.size and got.size.revision == 8
    assert outcome(seen, got) == one((300, 600))


def test_pods_with_the_manifests_values_bring_nothing_back() -> None:
    status = Status(last_good=stored(3))
    seen = view(injected("a", None), injected("b", None), status=status)
    assert decided(seen, using(nginx=10)).size is None


def test_pods_that_never_had_a_size_from_us_bring_nothing_back() -> None:
    seen = view(pod("a", one((500, 1000)), stamp_of=(0, NGINX)), whose=owner(NGINX))
    assert decided(seen, using(nginx=10)).size is None


def test_a_size_above_a_maximum_does_not_come_back() -> None:
    seen = view(injected("a", stored(3)), settings=asked(cpu_max="800m"))
    assert decided(seen, using(nginx=10)).size is None


def test_a_size_that_fits_nowhere_does_not_come_back() -> None:
    seen = view(injected("a", stored(3)))
    assert decided(seen, using(nginx=10), ceiling(fits=lambda s: "full")).size is None


def test_memory_comes_back_as_well_where_a_policy_governs_it() -> None:
    """It may have been given more after it was killed, and would be killed again."""
    had = {"nginx": size(memory=(256, 256))}
    pods = pod("a", had, stamp_of=(2, NGINX))
    assert outcome(view(pods), decided(view(pods), using(nginx=10))) == had
    left = view(pods, settings=asked(resources="cpu"))
    assert decided(left, using(nginx=10)).size is None
