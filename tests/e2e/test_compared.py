"""What a pod is compared with: its owner's own measure, not what admission made of it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kube.objects import Pod
from store.reasons import Reason
from tests.e2e.conftest import changed
from tests.e2e.observed import await_event
from tests.e2e.policies import in_force, rewriting
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.undoing import PROXY, undoing
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, steadily, until

PULLED = (
    "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'app', "
    "imagePullPolicy: 'IfNotPresent'}]}, metadata: Object.metadata{labels: "
    "Object.metadata.labels{tier: 'gold'}}}"
)


def silver(kind: str) -> Json:
    made = manifest(kind, containers=[{**container(), "imagePullPolicy": "Never"}])
    made["spec"]["template"]["metadata"]["labels"] = {"app": "web", "tier": "silver"}
    return made


@pytest.mark.parametrize("kind", ["ReplicaSet", "ReplicationController"])
def test_what_admission_changes_in_each_pod_is_no_other_template(shop: Shop, kind: str) -> None:
    with rewriting(shop.gateway, shop.namespace, "CREATE", PULLED):
        until(
            lambda: in_force(
                shop.gateway,
                shop.namespace,
                lambda a: isinstance(a, dict) and a["metadata"]["labels"].get("tier") == "gold",
            ),
            30,
        )
        workload = shop.create(silver(kind))
        shop.annotate(workload, cpu_max="2")
        shop.by_hand(workload, BY_HAND)
        until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))


def test_the_controllers_of_another_controller_are_left_alone(shop: Shop) -> None:
    path = f"/api/v1/namespaces/{shop.namespace}/configmaps"
    shop.gateway.post(path, {"metadata": {"name": "config"}})
    made = manifest("ReplicationController")
    uid = _uid(shop.gateway.get(f"{path}/config"))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "config", "uid": uid}
    made["metadata"]["ownerReferences"] = [{**reference, "controller": True}]
    workload = shop.create(made)
    said = "its controller is ConfigMap config, not a Deployment"
    until(
        lambda: any(why == "Unsupported" and said in n for _, why, n in shop.events(workload)), 20
    )
    steadily(lambda: shop.podsize(workload) is None, 3)


def _uid(raw: bytes) -> str:
    return msgspec.json.decode(raw, type=Pod).metadata.uid


def test_a_pod_that_somebody_resized_keeps_what_it_was_given(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    before, resized = uids(shop.pods()), shop.pods()[0].metadata.name
    given = {"requests": {"cpu": "400m"}, "limits": {"cpu": "500m"}}
    body = {"spec": {"containers": [{"name": "app", "resources": given}]}}
    path = f"/api/v1/namespaces/{shop.namespace}/pods/{resized}/resize"
    shop.gateway.patch(path, body, "application/strategic-merge-patch+json")
    until(lambda: sizes(shop.pods()[0]).limits.cpu == 500, 10)
    steadily(lambda: uids(shop.pods()) == before, 8)
    assert reason(shop, workload) not in (Reason.REWRITTEN, Reason.NO_USAGE)


@pytest.fixture
def hasty(programs: Programs) -> Iterator[None]:
    """A scaler that waits ten seconds for a new pod rather than a minute."""
    with changed(programs, SCALER_DEADLINE_SHORTEST="10"):
        yield


def test_a_config_map_that_is_gone_is_said_in_the_kubelets_words(hasty: None, shop: Shop) -> None:
    path = f"/api/v1/namespaces/{shop.namespace}/configmaps"
    shop.gateway.post(path, {"metadata": {"name": "settings"}, "data": {"A": "b"}})
    needs = {**container(), "envFrom": [{"configMapRef": {"name": "settings"}}]}
    workload = shop.create(manifest("StatefulSet", containers=[needs]))
    shop.gateway.delete(f"{path}/settings")
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.NOT_READY, 100, lambda: status_of(shop, workload)
    )
    podsize = shop.podsize(workload)
    assert podsize and 'CreateContainerConfigError: configmap "settings" not found' in (
        podsize.status.message
    )
    assert podsize.status.size is not None and not podsize.status.retreated
    assert podsize.status.restarts.count == 1, "no other pod is touched"
    await_event(shop, workload, "CreateContainerConfigError")
    shop.gateway.post(path, {"metadata": {"name": "settings"}, "data": {"A": "b"}})
    until(lambda: shop.pods()[-1].ready and len(shop.pods()) == 2, 60)


def test_a_proxy_that_is_added_later_does_not_hide_a_change_of_class(
    shop: Shop, tmp_path: Path
) -> None:
    with undoing(shop.gateway, shop.namespace, tmp_path, PROXY):
        equal = [container(**sized("100m", "100m"))]
        workload = shop.create(manifest("Deployment", containers=equal))
        assert all(len(p.spec.containers) == 2 for p in shop.pods())
        before = uids(shop.pods())
        shop.by_hand(workload, BY_HAND)
        until(
            lambda: reason(shop, workload) is Reason.QOS_CLASS,
            20,
            lambda: status_of(shop, workload),
        )
        steadily(lambda: uids(shop.pods()) == before, 5)
        podsize = shop.podsize(workload)
        assert podsize and "Burstable instead of Guaranteed" in podsize.status.message
        assert podsize.status.restarts.count == 0
        grown = {"requests": {"cpu": "150m"}, "limits": {"cpu": "150m"}}
        shop.by_hand(workload, {"name": "app", **grown})
        until(lambda: uids(shop.pods()).isdisjoint(before), 60, lambda: status_of(shop, workload))
        assert all(sizes(p).limits.cpu == 150 for p in shop.pods())
