"""What cannot run twice comes back to its own place; nobody is pushed out for a size."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from kube.errors import NotFound
from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, SMALL, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, steadily, until

ALONE = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}
DEVICE = "example.com/dongle"
HOST = "kubernetes.io/hostname"
OURS: Json = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": HOST}
APART: Json = {"requiredDuringSchedulingIgnoredDuringExecution": [OURS]}
SPREAD: Json = {"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", **OURS}


def with_device() -> Json:
    made = container()
    limits = {**made["resources"]["limits"], DEVICE: "1"}
    return {**made, "resources": {**made["resources"], "limits": limits}}


def with_port() -> Json:
    return {**container(), "ports": [{"containerPort": 80, "hostPort": 18080}]}


@contextmanager
def device(shop: Shop, node: str) -> Iterator[None]:
    """The node has one device."""
    path = f"/api/v1/nodes/{node}"
    shop.gateway.patch(f"{path}/status", {"status": {"capacity": {DEVICE: "1"}}})
    until(lambda: DEVICE.encode() in shop.gateway.get(path).partition(b'"allocatable"')[2], 30)
    try:
        yield
    finally:
        shop.gateway.patch(f"{path}/status", {"status": {"capacity": {DEVICE: None}}})


def evicted(shop: Shop, workload: object) -> list[str]:
    return [note for _, why, note in shop.events(workload) if why == "SurgeUnavailable"]  # type: ignore[arg-type]


CASES: dict[str, Callable[[], Json]] = {
    "anti-affinity to itself": lambda: manifest(
        "Deployment", replicas=1, annotations=ALONE, pod={"affinity": {"podAntiAffinity": APART}}
    ),
    "spread": lambda: manifest(
        "ReplicaSet", replicas=1, annotations=ALONE, pod={"topologySpreadConstraints": [SPREAD]}
    ),
    "affinity to itself": lambda: manifest(
        "StatefulSet", replicas=1, annotations=ALONE, pod={"affinity": {"podAffinity": APART}}
    ),
    "the one device": lambda: manifest(
        "Deployment", replicas=1, annotations=ALONE, containers=[with_device()]
    ),
    "a port of the host": lambda: manifest(
        "ReplicationController", replicas=1, annotations=ALONE, containers=[with_port()]
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_pod_that_cannot_run_twice_comes_back_to_its_own_node(shop: Shop, case: str) -> None:
    node = first_node(shop)
    with device(shop, node):
        workload = shop.create(CASES[case]())
        (before,) = shop.pods()
        shop.by_hand(workload, BY_HAND)
        until(lambda: settled(shop, workload, LARGE, 1), 60, lambda: status_of(shop, workload))
        (after,) = shop.pods()
        assert after.metadata.uid != before.metadata.uid
        assert after.spec.node_name == before.spec.node_name
        assert evicted(shop, workload)
        podsize = shop.podsize(workload)
        assert podsize and podsize.status.restarts.count == 1 and not podsize.status.retreated


def first_node(shop: Shop) -> str:
    probe = shop.create(manifest("Deployment", "probe", replicas=1, annotations={}))
    (found,) = shop.pods("probe")
    shop.gateway.delete(f"/apis/apps/v1/namespaces/{shop.namespace}/deployments/{probe.name}")
    assert found.spec.node_name
    return found.spec.node_name


@contextmanager
def important(shop: Shop) -> Iterator[str]:
    """A PriorityClass above that of others."""
    name, path = f"important-{shop.namespace}", "/apis/scheduling.k8s.io/v1/priorityclasses"
    shop.gateway.post(path, {"metadata": {"name": name}, "value": 1000})
    try:
        yield name
    finally:
        with suppress(NotFound):
            shop.gateway.delete(f"{path}/{name}")


def test_nobody_is_pushed_out_for_a_larger_pod_of_higher_priority(shop: Shop) -> None:
    with important(shop) as name:
        pod = {"priorityClassName": name, "topologySpreadConstraints": [SPREAD]}
        workload = shop.create(manifest("Deployment", replicas=1, annotations=ALONE, pod=pod))
        filler = [container(**sized("1500m", "1500m"))]
        shop.create(manifest("Deployment", "small", replicas=1, annotations={}, containers=filler))
        there = uids([*shop.pods(), *shop.pods("small")])
        shop.by_hand(workload, {"name": "app", **sized("900m", "1")})
        until(
            lambda: reason(shop, workload) is Reason.NO_NODE_FITS,
            20,
            lambda: status_of(shop, workload),
        )
        steadily(lambda: uids([*shop.pods(), *shop.pods("small")]) == there, 5)
        assert [sizes(p) for p in shop.pods()] == [SMALL]
