"""Two scalers, as may happen briefly when a node fails: one acts, the other takes over from it."""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.test_sizes_reach_pods import settled, status_of
from tests.e2e.workloads import Shop, manifest, until
from tests.installed import node
from tests.installed.conftest import BY_HAND, HAND, timed
from tests.installed.release import Release

DURATION = 15.0  # seconds: the Lease's duration
LEASES = "apis/coordination.k8s.io/v1"


@pytest.fixture
def two(release: Release) -> Iterator[Release]:
    """The release with two scalers: scaled directly, because the chart allows only one."""
    release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=2")
    until(lambda: release.ready("scaler", 2), 60)
    yield release
    release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=1")


def holder(release: Release) -> str:
    """The name of the pod that holds the Lease; empty: none."""
    spec = release.get(release.path("leases", "podtailor-scaler", LEASES)).get("spec", {})
    identity: str = spec.get("holderIdentity") or ""
    return identity.rpartition("-")[0]


def acted(release: Release, pod: str) -> bool:
    """Whether this scaler has acted, according to its log."""
    return " INFO scaler.reporting.reporter: action " in release.kubectl("logs", pod)


def test_only_the_leader_acts_and_the_other_scaler_takes_over_when_it_is_killed(
    two: Release, shop: Shop
) -> None:
    until(lambda: bool(holder(two)), 20)
    first = holder(two)
    [other] = {p.metadata.name for p in two.pods("scaler")} - {first}
    before = shop.create(manifest("Deployment", "before"))
    shop.by_hand(before, BY_HAND)
    until(lambda: settled(shop, before, HAND, 2), 60, lambda: status_of(shop, before))
    assert acted(two, first) and not acted(two, other)
    node.send(two, first, signal.SIGKILL)
    two.kubectl("delete", "pod", first, "--force", "--grace-period=0")
    began = time.monotonic()
    until(lambda: holder(two) != first, DURATION + 5, lambda: holder(two))
    timed("the Lease changed hands after a SIGKILL", began)
    other = holder(two)
    after = shop.create(manifest("Deployment", "after"))
    shop.by_hand(after, BY_HAND)
    until(lambda: settled(shop, after, HAND, 2), 60, lambda: status_of(shop, after))
    assert acted(two, other)


def test_a_scaler_takes_over_at_once_after_an_orderly_end(two: Release) -> None:
    until(lambda: bool(holder(two)), 20)
    first = holder(two)
    [other] = {p.metadata.name for p in two.pods("scaler")} - {first}
    two.kubectl("delete", "pod", first, "--wait=false")
    began = time.monotonic()
    until(lambda: holder(two) not in ("", first), DURATION, lambda: holder(two))
    timed("the Lease changed hands after a SIGTERM", began)
    assert time.monotonic() - began < DURATION / 2, f"{other} or the new pod waited it out"


def test_a_lease_deleted_by_hand_is_made_anew_as_helm_s(release: Release) -> None:
    until(lambda: bool(holder(release)), 20)
    path = release.path("leases", "podtailor-scaler", LEASES)
    metadata = release.get(path)["metadata"]
    before, pods = holder(release), [p.metadata.uid for p in release.pods("scaler")]
    release.gateway.delete(path)
    began = time.monotonic()
    until(lambda: holder(release) == before, DURATION, lambda: release.log()[-2000:])
    timed("the Lease was created again", began)
    assert [p.metadata.uid for p in release.pods("scaler")] == pods
    again = release.get(path)["metadata"]
    assert again["uid"] != metadata["uid"]
    assert (again["labels"], again["annotations"]) == (metadata["labels"], metadata["annotations"])
