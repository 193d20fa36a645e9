"""Sizes by kind of node against a real API server and kubelet: how a pod gets its kind's size.

What the scaler would learn from minutes of load is written into its status by the test; which kinds
there are, and what follows, is the product's. The embedded cluster's node has no label: its class
is its architecture.
"""

import time

import msgspec

from kube.gateway import Gateway
from kube.objects import Node, Pod
from kube.quantity import cpu
from kube.wire import pages
from store.model import Workload
from tests.e2e.test_quota import quota
from tests.e2e.test_resize import said
from tests.e2e.workloads import Json, Shop, manifest, sized, sizes, until

ON = {"podtailor.io/mode": "auto", "podtailor.io/per-node": "on", "podtailor.io/resources": "cpu"}
GAP = {**ON, "podtailor.io/single-replica": "restart"}
RESIZE = {**ON, "podtailor.io/strategy": "resize"}


def architecture(gateway: Gateway) -> str:
    found, _ = next(iter(pages(gateway, "/api/v1/nodes")))
    return msgspec.json.decode(found[0], type=Node).status.node_info.architecture


def learnt(shop: Shop, workload: Workload, kind: str, request: str, limit: str) -> None:
    """The scaler has learnt that of pods on this kind of node; other kinds have the manifest's."""
    one = {"name": "app", "requests": {"cpu": request}, "limits": {"cpu": limit}}
    basis = {"basis": sized("100m", "200m")}
    size: Json = {"revision": 1, "apply": "all", "containers": [], "stamped": True}
    size["classes"] = [{"class": kind, "containers": [{**one, **basis}]}]
    podsize = shop.podsize(workload)
    assert podsize is not None
    shop.gateway.patch(shop.podsize_path(workload) + "/status", {"status": {"size": size}})


def limits(shop: Shop, name: str) -> set[int | None]:
    """What the kubelet says that each running pod has."""
    running = [p for p in shop.pods(name) if not p.metadata.deletion_timestamp and p.ready]
    return {sizes(p).limits.cpu for p in running if _given(p) == sizes(p).limits.cpu}


def _given(pod: Pod) -> int | None:
    statuses = pod.status.container_statuses or ()
    found = [s.resources.limits for s in statuses if s.resources and s.resources.limits]
    return cpu(found[0]["cpu"]) if found else None


def test_a_pod_gets_the_size_of_its_kind_of_node(shop: Shop, programs: object) -> None:
    kind = architecture(shop.gateway)
    loose = shop.create(manifest("Deployment", "loose", replicas=1, annotations=RESIZE))
    named = shop.create(manifest("DaemonSet", "named", annotations=GAP))
    kept = shop.create(manifest("Deployment", "kept", replicas=1, annotations=ON))
    for workload in (loose, named, kept):
        until(lambda: shop.podsize(workload) is not None, 20)  # noqa: B023
        learnt(shop, workload, kind, "150m", "300m")

    until(lambda: limits(shop, "loose") == {300}, 20, lambda: said(shop, loose))
    until(lambda: limits(shop, "named") == {300}, 60, lambda: said(shop, named))
    before = {p.metadata.uid for p in shop.pods("loose")}
    shop.patch(loose, {"spec": {"replicas": 2}})
    new = _bound(shop, before)
    began = time.monotonic()
    until(lambda: _resized(shop, new), 20, lambda: said(shop, loose))
    print(f"resized {time.monotonic() - began:.2f} s after it ran on its node")
    assert {p.metadata.uid for p in shop.pods("loose")} > before, "no pod was replaced"

    made = shop.pods("named")[0]
    assert sizes(made).limits.cpu == 300
    assert made.metadata.generation == 1, "made with it, by the webhook"
    assert limits(shop, "kept") == {200}, "its node was not known, and nothing may be resized"


def test_a_selector_that_leaves_one_kind_is_known_as_the_pod_is_made(
    shop: Shop, programs: object
) -> None:
    """Nothing of it is resized: `recreate` may not, so only the webhook can have given the size."""
    kind = architecture(shop.gateway)
    selector = {"nodeSelector": {"kubernetes.io/arch": kind}}
    required: Json = {
        "nodeSelectorTerms": [{"matchExpressions": [_is("kubernetes.io/arch", kind)]}]
    }
    affinity = {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    }
    for name, pod in (("selects", selector), ("requires", affinity)):
        workload = shop.create(
            manifest("Deployment", name, replicas=1, annotations=GAP, pod=pod), ready=False
        )
        until(lambda: shop.podsize(workload) is not None, 20)  # noqa: B023
        learnt(shop, workload, kind, "150m", "300m")
    for name in ("selects", "requires"):
        until(lambda: limits(shop, name) == {300}, 60, lambda: limits(shop, name))  # noqa: B023
        made = next(p for p in shop.pods(name) if sizes(p).limits.cpu == 300)
        assert made.metadata.generation == 1, "made with it, by the webhook"


def test_where_no_resize_is_admitted_the_default_stays_and_it_is_said_why(
    shop: Shop, programs: object
) -> None:
    workload = shop.create(manifest("Deployment", "bound", replicas=1, annotations=RESIZE))
    until(lambda: shop.podsize(workload) is not None, 20)
    before = {p.metadata.uid for p in shop.pods("bound")}
    quota(shop, requests_cpu="120m")
    learnt(shop, workload, architecture(shop.gateway), "150m", "300m")
    until(lambda: "ResourceQuota" in said(shop, workload)[2], 30, lambda: said(shop, workload))
    assert limits(shop, "bound") == {200}, "what the manifest says"
    assert {p.metadata.uid for p in shop.pods("bound")} == before, "no pod is replaced for it"


def _is(label: str, value: str) -> Json:
    return {"key": label, "operator": "In", "values": [value]}


def _bound(shop: Shop, before: set[str]) -> str:
    """The name of a new pod, once its container runs."""
    found: list[Pod] = []

    def runs() -> bool:
        found[:] = [p for p in shop.pods("loose") if p.metadata.uid not in before]
        return any(s.state.running for p in found for s in p.status.container_statuses or ())

    until(runs, 30)
    return found[0].metadata.name


def _resized(shop: Shop, name: str) -> bool:
    return any(p.metadata.name == name and _given(p) == 300 for p in shop.pods("loose"))
