"""What other clusters ask for in their own way: durations, quotas on our objects, long names."""

import time

import pytest

from kube.errors import KubeError
from store.model import Workload
from store.reasons import Reason
from tests.e2e.podsizes import podsize
from tests.e2e.programs import RELEASE_NAMESPACE
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Json, Shop, manifest, steadily, until

DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt"
SECONDS = 25


def protected(value: str) -> Json:
    made = manifest("Deployment")
    made["spec"]["template"]["metadata"]["annotations"] = {DO_NOT_DISRUPT: value}
    return made


def message(shop: Shop, workload: Workload) -> str:
    found = shop.podsize(workload)
    assert found is not None
    return found.status.message


def test_a_pod_is_protected_for_a_duration_from_its_start_on(shop: Shop) -> None:
    began = time.monotonic()
    workload = shop.create(protected(f"{SECONDS}s"))
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.DISRUPTION_BUDGET,
        15,
        lambda: status_of(shop, workload),
    )
    assert f'{DO_NOT_DISRUPT}: "{SECONDS}s", until 20' in message(shop, workload)
    left = SECONDS - 3 - (time.monotonic() - began)
    steadily(lambda: uids(shop.pods()) == before, max(0.0, left))
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))


@pytest.mark.parametrize("value", ["2h", "90m", "1h30m", "2 hours"])
def test_a_pod_is_not_replaced_while_it_is_protected(shop: Shop, value: str) -> None:
    workload = shop.create(protected(value))
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.DISRUPTION_BUDGET,
        15,
        lambda: status_of(shop, workload),
    )
    assert ("until" in message(shop, workload)) is (value != "2 hours")
    steadily(lambda: uids(shop.pods()) == before, 3)


def denied(shop: Shop) -> bool:
    """Whether the quota on PodSizes is in force."""
    path = f"/apis/podtailor.io/v1alpha1/namespaces/{shop.namespace}/podsizes"
    try:
        shop.gateway.post(path, podsize(name="asked"), dryRun="All")
    except KubeError as e:
        return "exceeded quota" in e.message
    return False


def refusals(shop: Shop, workload: Workload) -> list[str]:
    return [note for _, why, note in shop.events(workload) if why == "Refused"]


def test_a_podsize_that_a_quota_refuses_is_one_event_on_the_workload(shop: Shop) -> None:
    path = f"/api/v1/namespaces/{shop.namespace}/resourcequotas"
    spec = {"hard": {"count/podsizes.podtailor.io": "0"}}
    body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "sizes"}}
    shop.gateway.post(path, {**body, "spec": spec})
    until(lambda: denied(shop), 60)
    workload = shop.create(manifest("Deployment", replicas=1))
    until(lambda: bool(refusals(shop, workload)), 15)
    assert "exceeded quota" in refusals(shop, workload)[0]
    steadily(lambda: len(refusals(shop, workload)) == 1, 10)
    shop.gateway.delete(f"{path}/sizes")
    until(lambda: shop.podsize(workload) is not None, 60)


def test_the_probe_comes_within_the_minimum_of_our_own_namespace(shop: Shop) -> None:
    path = f"/api/v1/namespaces/{RELEASE_NAMESPACE}/limitranges"
    item: Json = {"type": "Container", "min": {"cpu": "50m", "memory": "8Mi"}}
    item["maxLimitRequestRatio"] = {"cpu": "1"}
    body = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "e2e-least"}}
    shop.gateway.post(path, {**body, "spec": {"limits": [item]}})
    try:
        workload = shop.create(manifest("Deployment"))
        shop.by_hand(workload, BY_HAND)
        until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    finally:
        shop.gateway.delete(f"{path}/e2e-least")


DOTTED = "a" * 199 + ".b"
LONG = "c" * 243


@pytest.mark.parametrize("name", [DOTTED, LONG], ids=["a dot at the 200th character", "243"])
def test_a_long_name_has_its_podsize_and_its_events(shop: Shop, name: str) -> None:
    made = manifest("ReplicationController", replicas=1)
    made["metadata"]["name"] = name
    workload = shop.create(made, ready=False)
    until(lambda: shop.podsize(workload) is not None, 20)
    shop.annotate(workload, **{f"cpu-max.c{n:02}": 40 * "ä" for n in range(20)})
    until(lambda: any(e[1] == "BadAnnotation" for e in shop.events(workload)), 15)
    (note,) = [note for _, why, note in shop.events(workload) if why == "BadAnnotation"]
    assert 1000 < len(note.encode()) <= 1024 and note.endswith("…")
