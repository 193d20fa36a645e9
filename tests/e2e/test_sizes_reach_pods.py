"""A stored size reaches the pods of every kind of workload, one pod at a time.

Sizes are set by hand here: they take the same path from the store to the pods as a decision, and no
test has to wait for a minute of load.
"""

import pytest

from kube.objects import Pod
from store.model import Apply, Phase, Resources, Size, Workload
from store.reasons import Reason
from tests.e2e.workloads import Shop, container, manifest, sized, sizes, steadily, until

BY_HAND = {"name": "app", "requests": {"cpu": "150m"}, "limits": {"cpu": "300m"}}
MEMORY = 32 * 1024**2
LARGE = Size(Resources(150, MEMORY), Resources(300, MEMORY))
SMALL = Size(Resources(100, MEMORY), Resources(200, MEMORY))


def settled(shop: Shop, workload: Workload, wanted: Size, pods: int) -> bool:
    """All pods Ready with these values, none terminating, and the status says so."""
    seen = shop.pods(workload.name)
    podsize = shop.podsize(workload)
    return (
        len(seen) == pods
        and all(p.ready and sizes(p) == wanted for p in seen)
        and podsize is not None
        and podsize.status.phase is Phase.SETTLED
        and podsize.status.pods.current == pods
    )


def status_of(shop: Shop, workload: Workload) -> object:
    podsize = shop.podsize(workload)
    return podsize and (podsize.status.phase, podsize.status.reason, podsize.status.message)


def uids(pods: list[Pod]) -> set[str]:
    return {p.metadata.uid for p in pods}


@pytest.mark.parametrize(
    "kind", ["ReplicationController", "ReplicaSet", "Deployment", "StatefulSet"]
)
def test_pods_of_each_kind_come_back_with_the_stored_size(shop: Shop, kind: str) -> None:
    workload = shop.create(manifest(kind))
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    assert not before & uids(shop.pods())
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.reason is Reason.MANUAL
    assert podsize.status.last_good == podsize.status.size
    assert podsize.status.restarts.count == 2


def test_a_daemonset_comes_back_with_the_stored_size(shop: Shop) -> None:
    annotations = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}
    workload = shop.create(manifest("DaemonSet", annotations=annotations))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 1), 60, lambda: status_of(shop, workload))


def test_never_more_than_one_pod_of_a_workload_is_unavailable(shop: Shop) -> None:
    workload = shop.create(manifest("ReplicationController", replicas=3))
    fewest = 3
    shop.by_hand(workload, BY_HAND)

    def done() -> bool:
        nonlocal fewest
        fewest = min(fewest, sum(p.ready for p in shop.pods()))
        return settled(shop, workload, LARGE, 3)

    until(done, 60, lambda: status_of(shop, workload))
    assert fewest == 2


def test_removing_a_size_by_hand_returns_memory_to_the_manifest(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(
        workload, {"name": "app", "requests": {"memory": "48Mi"}, "limits": {"memory": "48Mi"}}
    )
    more = Size(Resources(100, 48 * 1024**2), Resources(200, 48 * 1024**2))
    until(lambda: settled(shop, workload, more, 2), 60, lambda: status_of(shop, workload))
    shop.by_hand(workload)
    until(lambda: settled(shop, workload, SMALL, 2), 60, lambda: status_of(shop, workload))


def test_a_workload_that_is_not_enrolled_is_never_touched(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", annotations={}))
    before = uids(shop.pods())
    steadily(lambda: uids(shop.pods()) == before and shop.podsize(workload) is None, 3)
    assert not any(
        "podtailor.io/size-revision" in (p.metadata.annotations or {}) for p in shop.pods()
    )


def test_mode_initial_sizes_only_pods_that_are_created_anyway(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", annotations={"podtailor.io/mode": "initial"}))
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(lambda: bool((p := shop.podsize(workload)) and p.status.size), 20)
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.size and podsize.status.size.apply is Apply.NEW
    steadily(lambda: uids(shop.pods()) == before, 3)
    shop.patch(workload, {"spec": {"replicas": 3}})
    until(lambda: [sizes(p) for p in shop.pods()].count(LARGE) == 1, 20)


def test_a_workload_that_opts_out_loses_its_size_and_keeps_its_running_pods(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    before = uids(shop.pods())
    shop.annotate(workload, mode=None)
    until(lambda: (p := shop.podsize(workload)) is not None and p.status.size is None, 10)
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.reason is Reason.OPTED_OUT
    shop.patch(workload, {"spec": {"replicas": 3}})
    until(lambda: sorted(p.ready for p in shop.pods()) == [True] * 3, 30)
    assert before < uids(shop.pods())
    assert [sizes(p) for p in shop.pods()].count(SMALL) == 1
    shop.annotate(workload, mode="auto")
    until(lambda: settled(shop, workload, LARGE, 3), 60, lambda: status_of(shop, workload))
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.size and podsize.status.size.revision == 2


def test_a_paused_workload_loses_no_pod_even_in_the_middle_of_a_change(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", replicas=3, minReadySeconds=2))
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(lambda: uids(shop.pods()) != before, 20)
    shop.annotate(workload, paused="true")
    until(
        lambda: (p := shop.podsize(workload)) is not None and p.status.reason is Reason.PAUSED, 20
    )
    until(lambda: sum(p.ready for p in shop.pods()) == 3, 20)
    during = uids(shop.pods())
    steadily(lambda: uids(shop.pods()) == during, 4)
    assert before & during, "some pods were never taken"
    shop.annotate(workload, paused=None)
    until(lambda: settled(shop, workload, LARGE, 3), 60, lambda: status_of(shop, workload))


def test_a_typo_freezes_everything_and_says_so(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    before = uids(shop.pods())
    shop.annotate(workload, mode="atuo")
    shop.by_hand(workload)
    until(
        lambda: (
            (p := shop.podsize(workload)) is not None and p.status.reason is Reason.BAD_ANNOTATION
        ),
        20,
    )
    steadily(lambda: uids(shop.pods()) == before, 3)
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.size, "the last size stays in force"
    until(lambda: any(e[:2] == ("Warning", "BadAnnotation") for e in shop.events(workload)), 10)


def test_what_this_release_does_not_support_is_reported(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    until(lambda: shop.podsize(workload) is not None, 10)
    shop.annotate(workload, burst="on")
    until(
        lambda: (
            (p := shop.podsize(workload)) is not None and p.status.reason is Reason.BAD_ANNOTATION
        ),
        20,
        lambda: status_of(shop, workload),
    )


def test_the_only_pod_is_not_replaced_until_it_is_allowed(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", replicas=1))
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: (
            (p := shop.podsize(workload)) is not None and p.status.reason is Reason.SINGLE_REPLICA
        ),
        20,
    )
    steadily(lambda: uids(shop.pods()) == before, 2)
    shop.annotate(workload, single_replica="restart")
    until(lambda: settled(shop, workload, LARGE, 1), 60, lambda: status_of(shop, workload))


def test_two_containers_are_sized_each_on_its_own(shop: Shop) -> None:
    second = {
        **container("side", **sized("50m", "100m")),
        "command": ["/bin/busybox", "sleep", "9999"],
    }
    del second["readinessProbe"]
    workload = shop.create(manifest("Deployment", containers=[container(), second]))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    assert all(sizes(p, "side").limits.cpu == 100 for p in shop.pods())
