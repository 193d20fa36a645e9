"""Whose usage counts for a container: the table of evidence.py."""

from msgspec.structs import replace

from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import NGINX, injected, owner, pod, size, stored, view
from tests.unit.scaler.cycles import using
from tests.unit.scaler.sizing.deciding import decided, one


def test_one_hot_pod_speaks_for_the_workload() -> None:
    got = decided(view(), using(nginx=10, nginx__web_2=460))
    assert got.size == stored(1, stamped=False)
    assert got.message == "nginx used 460m of 500m for 60 s"


def test_pods_without_a_minute_do_not_hold_back_one_that_is_hot() -> None:
    got = decided(view(), using(nginx=Reason.WARMING_UP, nginx__web_2=460))
    assert got.reason is Reason.DOUBLED


def test_usage_of_pods_at_another_size_says_nothing() -> None:
    seen = view(pod("web-1"), injected("web-2", stored()), status=Status(size=stored()))
    got = decided(seen, using(nginx=Reason.WARMING_UP, nginx__web_1=499))
    assert got.reason is Reason.WARMING_UP and got.size == stored()


def test_usage_of_a_terminating_pod_says_nothing() -> None:
    seen = view(pod("web-1", going=True), pod("web-2"))
    assert decided(seen, using(nginx=10, nginx__web_1=499)).reason is Reason.IN_BOUNDS


def test_a_lowered_manifest_is_not_doubled_for_a_pod_of_the_old_one() -> None:
    """Its limit was twice as much: it is not at 90 % of anything."""
    new = one((125, 250))
    old, made = (
        pod("web-1", NGINX),
        pod("web-2", new, stamp_of=(1, new), created="2026-11-23T20:00:00Z"),
    )
    seen = view(old, made, whose=owner(new))
    assert decided(seen, using(nginx=10, nginx__web_1=240)).reason is Reason.IN_BOUNDS


def test_a_workload_without_pods_has_no_usage() -> None:
    seen = replace(view(), pods=())
    assert decided(seen, using(nginx=499)).reason is Reason.NO_USAGE


def test_a_pod_that_somebody_resized_counts_with_what_it_uses() -> None:
    given = {"nginx": size((500, 1000))}
    seen = view(pod("web-1", given, stamp_of=(0, NGINX), generation=2), whose=owner(replicas=1))
    got = decided(seen, using(nginx=900))
    assert (got.reason, got.message) == (Reason.DOUBLED, "nginx used 900m of 500m for 60 s")
    assert decided(seen, using(nginx=300)).reason is Reason.IN_BOUNDS
