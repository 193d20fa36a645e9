"""A ResourceQuota: a size that exceeds it is never stored, and no pod is replaced for it."""

import pytest

from store.model import Phase
from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, SMALL, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Shop, container, manifest, sizes, steadily, until


def quota(shop: Shop, **hard: str) -> None:
    """Create or change the quota, and wait until it is in force."""
    path = f"/api/v1/namespaces/{shop.namespace}/resourcequotas"
    spec = {"hard": {name.replace("_", "."): value for name, value in hard.items()}}
    body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "most"}, "spec": spec}
    if b'"most"' in shop.gateway.get(path):
        shop.gateway.patch(f"{path}/most", {"spec": spec})
    else:
        shop.gateway.post(path, body)
    wanted = [f'"{name}":"{value}"'.encode() for name, value in spec["hard"].items()]
    until(lambda: all(one in _status(shop, path) for one in wanted), 20)


def _status(shop: Shop, path: str) -> bytes:
    return shop.gateway.get(f"{path}/most").partition(b'"status":')[2]


@pytest.mark.parametrize("kind", ["Deployment", "ReplicationController"])
def test_a_size_by_hand_waits_for_room_and_needs_no_more_than_it_takes(
    shop: Shop, kind: str
) -> None:
    workload = shop.create(manifest(kind))  # 100m to 200m each
    quota(shop, limits_cpu="599m", requests_cpu="300m")
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)  # 150m to 300m each: enough for one, not for both
    until(lambda: reason(shop, workload) is Reason.QUOTA, 20, lambda: status_of(shop, workload))
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.size is None and podsize.status.phase is Phase.BLOCKED
    assert "limits.cpu would be 600m, 599m is allowed" in podsize.status.message
    until(lambda: ("Warning", "Quota") in [e[:2] for e in shop.events(workload)], 10)
    steadily(lambda: uids(shop.pods()) == before, 3)
    # Just enough. Each replacement is refused while the old pod still counts, and created then.
    quota(shop, limits_cpu="600m", requests_cpu="300m")
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.backoff.failures == 0
    assert podsize.status.restarts.count == 2


def test_a_quota_that_shrinks_before_a_pod_is_replaced_keeps_it(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", replicas=1))
    shop.by_hand(workload, BY_HAND)
    until(lambda: reason(shop, workload) is Reason.SINGLE_REPLICA, 20)
    before = uids(shop.pods())
    quota(shop, limits_cpu="250m")
    # A pod deleted now could not come back with 300m: the size is rolled back automatically.
    until(
        lambda: reason(shop, workload) is Reason.ROLLED_BACK, 20, lambda: status_of(shop, workload)
    )
    shop.annotate(workload, single_replica="restart")
    steadily(lambda: uids(shop.pods()) == before, 3)
    assert sizes(shop.pods()[0]) == SMALL


def test_a_change_of_another_workload_counts_against_the_quota(shop: Shop) -> None:
    quota(shop, limits_cpu="550m")
    annotations = {"podtailor.io/mode": "auto"}
    other = shop.create(manifest("Deployment", "other", replicas=1, annotations=annotations))
    shop.by_hand(other, BY_HAND)  # stored, but waits: 300m are reserved
    until(lambda: reason(shop, other) is Reason.SINGLE_REPLICA, 20, lambda: status_of(shop, other))
    restart = {**annotations, "podtailor.io/single-replica": "restart"}
    workload = shop.create(manifest("Deployment", replicas=1, annotations=restart))
    shop.by_hand(workload, BY_HAND)
    until(lambda: reason(shop, workload) is Reason.QUOTA, 20, lambda: status_of(shop, workload))
    quota(shop, limits_cpu="600m")
    until(lambda: settled(shop, workload, LARGE, 1), 60, lambda: status_of(shop, workload))


def test_a_quota_for_other_pods_is_ignored(shop: Shop) -> None:
    path = f"/api/v1/namespaces/{shop.namespace}/resourcequotas"
    spec = {"hard": {"limits.cpu": "1m"}, "scopes": ["Terminating"]}
    shop.gateway.post(path, {"metadata": {"name": "jobs"}, "spec": spec})
    workload = shop.create(manifest("Deployment", containers=[container()]))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
