"""Other autoscalers: the resources that they own are not changed."""

import json

from store.model import Phase, Workload
from store.reasons import Reason
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.vertical import installed
from tests.e2e.workloads import Json, Shop, manifest, steadily, until

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}


def horizontal(shop: Shop, metric: Json) -> None:
    """An HPA on that metric that never acts: minimum and maximum are two pods."""
    spec = {"scaleTargetRef": TARGET, "minReplicas": 2, "maxReplicas": 2, "metrics": [metric]}
    path = f"/apis/autoscaling/v2/namespaces/{shop.namespace}/horizontalpodautoscalers"
    shop.gateway.post(path, {"metadata": {"name": "busy"}, "spec": spec})


def on(resource: str) -> Json:
    target = {"type": "Utilization", "averageUtilization": 80}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def test_a_horizontal_autoscaler_on_cpu_owns_it_except_for_sizes_by_hand(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    horizontal(shop, on("cpu"))
    until(lambda: reason(shop, workload) is Reason.OTHER_AUTOSCALER, 20)
    podsize = shop.podsize(workload)
    assert podsize and "HorizontalPodAutoscaler busy scales on its cpu" in podsize.status.message
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))


def test_a_horizontal_autoscaler_on_memory_leaves_cpu_to_the_policy(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    horizontal(shop, on("memory"))
    until(lambda: reason(shop, workload) in (Reason.WARMING_UP, Reason.IN_BOUNDS), 20)
    steadily(lambda: reason(shop, workload) is not Reason.OTHER_AUTOSCALER, 3)


def owned_by(shop: Shop, workload: Workload, parent: Json) -> None:
    """A controller of another kind has made the workload."""
    path = f"/api/v1/namespaces/{shop.namespace}/configmaps"
    made = json.loads(shop.gateway.post(path, {"metadata": {"name": parent["name"]}}))
    reference = {**parent, "uid": made["metadata"]["uid"], "controller": True}
    shop.patch(workload, {"metadata": {"ownerReferences": [reference]}})


def test_a_vertical_autoscaler_owns_the_workload_while_it_updates(
    shop: Shop, programs: Programs
) -> None:
    assert programs.scaler.ready(), "a cluster without that kind holds nobody up"
    path = f"/apis/autoscaling.k8s.io/v1/namespaces/{shop.namespace}/verticalpodautoscalers"
    with installed(shop.gateway):
        programs.scaler.stop()  # otherwise it checks again within a minute
        programs.scaler.start()
        workload = shop.create(manifest("Deployment"))
        before = uids(shop.pods())
        made = {
            "apiVersion": "autoscaling.k8s.io/v1",
            "kind": "VerticalPodAutoscaler",
            "metadata": {"name": "tall"},
            "spec": {"targetRef": TARGET, "updatePolicy": {"updateMode": "Recreate"}},
        }
        shop.gateway.post(path, made)
        until(lambda: reason(shop, workload) is Reason.OTHER_AUTOSCALER, 20)
        shop.by_hand(workload, BY_HAND)
        steadily(lambda: uids(shop.pods()) == before, 4)
        podsize = shop.podsize(workload)
        assert podsize and podsize.status.size is None and podsize.status.phase is Phase.BLOCKED
        assert podsize.status.reason is Reason.OTHER_AUTOSCALER
        assert "VerticalPodAutoscaler tall" in podsize.status.message
        # The topmost object that has replicas is what it has to name: an operator's own kind.
        parent = {"apiVersion": "v1", "kind": "ConfigMap", "name": "made-web"}
        owned_by(shop, workload, parent)
        shop.gateway.patch(f"{path}/tall", {"spec": {"targetRef": parent}})
        steadily(lambda: reason(shop, workload) is Reason.OTHER_AUTOSCALER, 3)
        assert uids(shop.pods()) == before
        shop.gateway.patch(f"{path}/tall", {"spec": {"updatePolicy": {"updateMode": "Off"}}})
        until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    until(programs.scaler.ready, 20)
