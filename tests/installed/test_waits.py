"""Waits with the installed chart: pods that never end by surge, a scaler upgraded in mid-change."""

from kube.objects import Pod
from scaler.cluster.terminating import PATIENCE
from store.model import Phase, Workload
from store.reasons import Reason
from tests.e2e.conftest import kubectl, namespace
from tests.e2e.test_sizes_reach_pods import status_of
from tests.e2e.test_waits import endings, endless
from tests.e2e.workloads import Json, Shop, manifest, sizes, steadily, until
from tests.installed.conftest import BY_HAND, HAND
from tests.installed.release import Release
from tests.installed.served import everything, served

__all__ = ["endings", "kubectl", "namespace"]

SMALL = {"name": "app", "requests": {"cpu": "30m"}, "limits": {"cpu": "60m"}}


def message(shop: Shop, workload: Workload) -> str:
    podsize = shop.podsize(workload)
    return podsize.status.message if podsize else ""


def done(shop: Shop, name: str, size: object, replicas: int) -> bool:
    active = [p for p in shop.pods(name) if not p.metadata.deletion_timestamp]
    return len(active) == replicas and all(p.ready and sizes(p) == size for p in active)


def ends(shop: Shop) -> list[Pod]:
    return [p for p in everything(shop) if p.metadata.deletion_timestamp]


def test_three_that_never_end_do_not_hold_up_the_fourth(
    shop: Shop, endings: list[Workload]
) -> None:
    hour: Json = {"terminationGracePeriodSeconds": 3600}
    three = [
        shop.create(manifest("Deployment", f"e{i}", replicas=1, containers=[endless()], pod=hour))
        for i in range(3)
    ]
    endings += three
    fourth = shop.create(manifest("Deployment", replicas=1))
    for one in three:
        shop.by_hand(one, SMALL)
    for one in three:
        until(
            lambda w=one: "still terminating, until" in message(shop, w),  # type: ignore[misc]
            40,
            lambda w=one: status_of(shop, w),  # type: ignore[misc]
        )
    shop.by_hand(fourth, BY_HAND)
    until(lambda: done(shop, "web", HAND, 1), PATIENCE + 40, lambda: status_of(shop, fourth))
    assert len(ends(shop)) >= 3
    # Each after its own minute: the fourth had to wait for the first of them alone.
    for one in three:
        until(lambda w=one: _lingers(shop, w), 20, lambda w=one: status_of(shop, w))  # type: ignore[misc]


def _lingers(shop: Shop, workload: Workload) -> bool:
    podsize = shop.podsize(workload)
    assert podsize and "still terminating, until" in podsize.status.message
    assert podsize.status.restarts.count == 1
    said = podsize.status.phase, podsize.status.reason
    return said == (Phase.SETTLED, Reason.PENDING_REPLACEMENT)


def test_a_scaler_that_is_upgraded_in_mid_change_counts_one_restart(
    release: Release, shop: Shop
) -> None:
    """Its successor goes on with the held pod."""
    workload = shop.create(manifest("Deployment", replicas=1, containers=[served(12)]))
    (before,) = everything(shop)
    shop.by_hand(workload, BY_HAND)
    until(lambda: len(everything(shop)) == 2, 40, lambda: status_of(shop, workload))
    release.kubectl("rollout", "restart", "deployment/podtailor-scaler")
    steadily(lambda: _held(shop, before.metadata.uid), 4, lambda: status_of(shop, workload))
    until(lambda: done(shop, "web", HAND, 1), 90, lambda: status_of(shop, workload))
    until(lambda: len(everything(shop)) == 1, 40, lambda: status_of(shop, workload))
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.restarts.count == 1
    assert podsize.status.backoff.failures == 0
    release.kubectl("rollout", "status", "deployment/podtailor-scaler", "--timeout=60s")


def _held(shop: Shop, uid: str) -> bool:
    found = [p for p in everything(shop) if p.metadata.uid == uid]
    return not found or any(
        r.kind == "PodSize" and r.controller for r in found[0].metadata.owner_references or ()
    )
