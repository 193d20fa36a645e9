"""Sizes by kind of node on two kinds of real nodes: this machine's, and the one with cgroup v2.

What the scaler would learn from minutes of load is written into its status, as in
tests/e2e/test_kinds_of_node.py; what each node's pod gets by it is the product's.
"""

from collections.abc import Iterator

import pytest

from kube.gateway import Gateway
from kube.objects import Pod
from store.annotations import NODE_CLASS
from store.model import Workload
from tests.e2e.test_kinds_of_node import RESIZE, architecture
from tests.e2e.test_resize import said
from tests.e2e.workloads import ANYWHERE, Json, Shop, manifest, sized, sizes, until
from tests.nodes.node import NodeV2
from tests.nodes.workloads import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

SLOW = "slow"
_FIRST = "node-1"
_HERE, _THERE = 300, 400
"""Millicores: the limit on this machine's kind of node, and on the slow one."""


@pytest.fixture
def labelled(gateway: Gateway, node: NodeV2) -> Iterator[None]:
    """The node has this machine's architecture: a label makes it another kind."""
    path = f"/api/v1/nodes/{node.name}"
    gateway.patch(path, {"metadata": {"labels": {NODE_CLASS: SLOW}}})
    yield
    gateway.patch(path, {"metadata": {"labels": {NODE_CLASS: None}}})


def test_each_node_s_pod_of_a_daemonset_has_the_size_of_its_kind(
    shop: Shop, node: NodeV2, labelled: None
) -> None:
    workload = shop.create(
        manifest("DaemonSet", "unlike", annotations=RESIZE, pod=_on_both(node)), ready=False
    )
    until(lambda: sum(p.ready for p in shop.pods("unlike")) == 2, 2 * PATIENCE)
    until(lambda: shop.podsize(workload) is not None, PATIENCE)
    _learnt(shop, workload, {architecture(shop.gateway): _HERE, SLOW: _THERE})
    wanted = {node.name: _THERE, _FIRST: _HERE}
    until(lambda: _limits(shop) == wanted, PATIENCE, lambda: said(shop, workload))
    there = _on(shop, node.name)
    until(lambda: node.quotas(there) == (40000, 40000), PATIENCE, lambda: node.quotas(there))

    shop.gateway.delete(f"/api/v1/namespaces/{shop.namespace}/pods/{there.metadata.name}")
    until(lambda: _renewed(shop, node.name, there), PATIENCE)
    made = _on(shop, node.name)
    assert sizes(made).limits.cpu == _THERE, said(shop, workload)
    assert made.metadata.generation == 1, "made with it, by the webhook: its node is named"


def _on_both(node: NodeV2) -> Json:
    """On these two nodes, whatever others the cluster has at the moment."""
    named = {"key": "kubernetes.io/hostname", "operator": "In", "values": [_FIRST, node.name]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [named]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
    return {**ANYWHERE, "affinity": {"nodeAffinity": required}}


def _learnt(shop: Shop, workload: Workload, limits: dict[str, int]) -> None:
    basis = {"basis": sized("100m", "200m")}
    classes: list[Json] = [
        {"class": kind, "containers": [{"name": "app", **_cpu(limit), **basis}]}
        for kind, limit in sorted(limits.items())
    ]
    size: Json = {"revision": 1, "apply": "all", "containers": [], "stamped": True}
    body = {"status": {"size": {**size, "classes": classes}}}
    shop.gateway.patch(shop.podsize_path(workload) + "/status", body)


def _cpu(limit: int) -> Json:
    return {"requests": {"cpu": f"{limit // 2}m"}, "limits": {"cpu": f"{limit}m"}}


def _limits(shop: Shop) -> dict[str, int | None]:
    return {p.spec.node_name or "": sizes(p).limits.cpu for p in shop.pods("unlike")}


def _on(shop: Shop, node: str) -> Pod:
    return next(p for p in shop.pods("unlike") if p.spec.node_name == node)


def _renewed(shop: Shop, node: str, old: Pod) -> bool:
    here = [p.metadata.uid for p in shop.pods("unlike") if p.spec.node_name == node]
    return len(here) == 1 and here != [old.metadata.uid]
