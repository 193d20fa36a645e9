"""The node with cgroup v2 goes while it owes a resize. After the other files: it is not back."""

import subprocess

import pytest

from tests.e2e.hungry import program
from tests.e2e.test_resize import by_hand, said
from tests.e2e.workloads import ANYWHERE, Json, Shop, manifest, sized, sizes, until
from tests.nodes.node import NodeV2
from tests.nodes.workloads import CPU, IDLE, PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def test_a_node_that_goes_in_mid_resize_takes_the_order_with_it(shop: Shop, node: NodeV2) -> None:
    """The pod that comes elsewhere is made with the size, and is not resized."""
    _cluster("up", node.name)
    idle = [program(IDLE, **sized("20m", "100m", "16Mi"))]
    workload = shop.create(
        manifest(
            "StatefulSet", "stays", replicas=1, annotations=CPU, containers=idle, pod=_prefers(node)
        ),
        ready=False,
    )
    until(lambda: any(p.ready for p in shop.pods("stays")), 2 * PATIENCE)
    until(lambda: shop.podsize(workload) is not None, PATIENCE)
    (old,) = shop.pods("stays")
    assert old.spec.node_name == node.name
    node.freeze_kubelet()
    shop.by_hand(workload, by_hand("30m", "120m"))
    waits = ("Blocked", "ResizeDeferred")
    until(lambda: said(shop, workload)[:2] == waits, PATIENCE, lambda: said(shop, workload))
    assert sizes(shop.pods("stays")[0]).limits.cpu == 120, "asked for"
    _cluster("down", node.name)
    until(lambda: _elsewhere(shop, old.metadata.uid), PATIENCE, lambda: said(shop, workload))
    settled = ("Settled", "Manual")
    until(lambda: said(shop, workload)[:2] == settled, 60, lambda: said(shop, workload))
    (new,) = shop.pods("stays")
    assert (new.spec.node_name, sizes(new).limits.cpu) == ("node-1", 120)
    assert new.metadata.generation == 1, "it was made with the size"
    podsize = shop.podsize(workload)
    assert podsize is not None and podsize.status.restarts.count == 0, "nobody has replaced it"


def _elsewhere(shop: Shop, old: str) -> bool:
    pods = [p for p in shop.pods("stays") if not p.metadata.deletion_timestamp]
    return [p.ready and p.metadata.uid != old for p in pods] == [True]


def _prefers(node: NodeV2) -> Json:
    named = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node.name]}
    term = {"weight": 100, "preference": {"matchExpressions": [named]}}
    wanted = {"preferredDuringSchedulingIgnoredDuringExecution": [term]}
    return {"affinity": {"nodeAffinity": wanted}, **ANYWHERE}


def _cluster(word: str, name: str) -> None:
    command = [f"tests/cluster/{word}", "--node", name]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
