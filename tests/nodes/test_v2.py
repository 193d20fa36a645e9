"""podtailor on a node with cgroup v2, systemd's driver and PSI: docs/nodes.md, row by row.

The node is emulated, and each look at it takes a second and more: what was decided and written
counts here, never how fast.
"""

import time

import pytest

from kube.gateway import Gateway
from scaler.usage import cadvisor
from store.model import Workload
from tests.e2e import observed
from tests.e2e.conftest import namespace
from tests.e2e.hungry import MI
from tests.e2e.test_resize import SECOND, said, somebody_resizes
from tests.e2e.workloads import Json, Shop, sized, sizes, until
from tests.nodes.node import NodeV2
from tests.nodes.surging import exchanged
from tests.nodes.workloads import PATIENCE, made

__all__ = ["namespace"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

Known = dict[str, Workload]


@pytest.fixture(scope="module")
def known(shop: Shop) -> Known:
    """All workloads, each with its pod, its PodSize and its minute under way."""
    found = {name: shop.create(body, ready=False) for name, body in made().items()}
    until(lambda: all(_running(shop, name) for name in found), 4 * PATIENCE)
    until(lambda: all(shop.podsize(w) for w in found.values()), PATIENCE)
    return found


def test_out_of_memory_in_a_child_kills_the_container_and_grows_it(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    assert node.container(shop.pods("resized")[0], "memory.oom.group") == "1"
    until(
        lambda: _changed(shop, known["child"], "OOMKilled"),
        PATIENCE,
        lambda: said(shop, known["child"]),
    )


def test_memory_max_is_raised_at_once_and_never_lowered_below_use(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    before = observed.made(shop, "holds")
    shop.by_hand(known["holds"], {"name": "app", **_memory("96Mi")})
    _until_memory(shop, known, node, 96 * MI)
    shop.by_hand(known["holds"], {"name": "app", **_memory("4Mi")})
    until(lambda: said(shop, known["holds"])[1] in _KEPT, PATIENCE, lambda: _status(shop, known))
    [pod] = shop.pods("holds")
    assert node.container(pod, "memory.max") == node.pod(pod, "memory.max") == str(96 * MI)
    assert observed.made(shop, "holds") == before, "nothing is killed"


def test_a_quota_of_systemd_s_is_up_to_10m_above_the_limit(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    """Row by row: the container exactly, its pod rounded up, and both rounded after a reload."""
    before = observed.made(shop, "resized")
    weights = []
    steps = ((50, 255, 25500, 26000), (100, 505, 50500, 51000), (60, 105, 10500, 11000))
    for request, limit, container, pod in steps:
        shop.by_hand(known["resized"], _cpu(request, limit))
        _until_has(shop, known, "resized", limit)
        until(
            lambda: node.quotas(shop.pods("resized")[0]) == (container, pod),  # noqa: B023
            PATIENCE,
            lambda: node.quotas(shop.pods("resized")[0]),
        )
        weights.append(int(node.pod(shop.pods("resized")[0], "cpu.weight")))
    assert weights[0] < weights[1] > weights[2], "the request's share goes up and down with it"
    node.run("systemctl daemon-reload")
    container, _ = node.quotas(shop.pods("resized")[0])
    assert container in (10500, 11000), "systemd may write its own rounding again"
    assert node.container(shop.pods("resized")[0], "memory.oom.group") == "0", "systemd's default"
    time.sleep(3)
    assert _limits(shop, "resized") == {"cpu": "105m", "memory": "16Mi"}, "the status is exact"
    until(lambda: said(shop, known["resized"])[:2] == ("Settled", "Manual"), PATIENCE)
    assert observed.made(shop, "resized") == before, (
        "no pod was replaced, and no container restarted"
    )


def test_a_pod_whose_resize_the_kubelet_defers_counts_as_what_it_has(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    """Somebody else asks for nearly the whole node, which the other pods leave no room for."""
    before, [pod] = observed.made(shop, "resized"), shop.pods("resized")
    shop.by_hand(known["resized"], _cpu(60, 105))
    _until_has(shop, known, "resized", 105)
    quotas = node.quotas(pod)
    time.sleep(SECOND)
    somebody_resizes(shop, pod, sized("1950m", "1960m", "16Mi"))
    until(
        lambda: observed.resizing(shop, "resized") == {"PodResizePending": "Deferred"},
        PATIENCE,
        lambda: observed.resizing(shop, "resized"),
    )
    assert node.quotas(pod) == quotas, "what it has, not what it is asked for"
    until(lambda: said(shop, known["resized"])[:2] == ("Settled", "Manual"), PATIENCE)
    shop.by_hand(known["resized"], _cpu(50, 155))
    _until_has(shop, known, "resized", 155)
    until(lambda: node.quotas(pod)[0] == 15500, PATIENCE, lambda: node.quotas(pod))
    assert sizes(shop.pods("resized")[0]).requests.cpu == 50, "nothing is asked for any more"
    assert observed.made(shop, "resized") == before


def test_psi_is_on_the_page_that_the_scaler_reads(shop: Shop, known: Known, node: NodeV2) -> None:
    pods = [(shop.namespace, shop.pods("resized")[0].metadata.name)]
    until(lambda: bool(cadvisor.parse(_page(shop, node.name), pods)), PATIENCE)
    (look,) = cadvisor.parse(_page(shop, node.name), pods).values()
    assert look.kernel.waited is not None and look.kernel.hits is not None
    assert "container_pressure_memory" not in _page(shop, "node-1"), "not with cgroup v1"


def test_the_replacement_serves_before_the_only_pod_goes(
    known: Known, gateway: Gateway, namespace: str
) -> None:
    """Beside the others, whose minutes pass meanwhile; its pods are made with the size."""
    exchanged(Shop(gateway, namespace))


def test_a_pod_at_its_limit_is_doubled_in_place_by_the_node_s_own_usage(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    before = observed.made(shop, "busy")
    until(lambda: _changed(shop, known["busy"], "Doubled"), 240, lambda: said(shop, known["busy"]))
    _until_has(shop, known, "busy", 120)
    until(lambda: node.quotas(shop.pods("busy")[0])[0] == 12000, PATIENCE)
    assert observed.made(shop, "busy") == before, "in place"


_KEPT = ("ResizeInfeasible", "RolledBack")


def _cpu(request: int, limit: int) -> Json:
    return {"name": "app", "requests": {"cpu": f"{request}m"}, "limits": {"cpu": f"{limit}m"}}


def _memory(quantity: str) -> Json:
    return {"requests": {"memory": quantity}, "limits": {"memory": quantity}}


def _running(shop: Shop, name: str) -> bool:
    return any(s.state.running for p in shop.pods(name) for s in p.status.container_statuses or ())


def _limits(shop: Shop, name: str) -> dict[str, str]:
    """What the kubelet says that the container has."""
    [status] = shop.pods(name)[0].status.container_statuses or []
    given = status.resources.limits if status.resources else None
    return {resource: str(quantity) for resource, quantity in (given or {}).items()}


def _until_has(shop: Shop, known: Known, name: str, limit: int) -> None:
    until(
        lambda: _limits(shop, name).get("cpu") == f"{limit}m",
        PATIENCE,
        lambda: said(shop, known[name]),
    )


def _until_memory(shop: Shop, known: Known, node: NodeV2, limit: int) -> None:
    until(
        lambda: node.container(shop.pods("holds")[0], "memory.max") == str(limit),
        PATIENCE,
        lambda: said(shop, known["holds"]),
    )


def _changed(shop: Shop, workload: Workload, reason: str) -> bool:
    podsize = shop.podsize(workload)
    changes = podsize.status.changes if podsize else ()
    return any(str(c.reason) == reason for c in changes)


def _status(shop: Shop, known: Known) -> object:
    conditions = shop.pods("holds")[0].status.conditions or ()
    return said(shop, known["holds"]), [c for c in conditions if "Resize" in c.type]


def _page(shop: Shop, node: str) -> str:
    raw = shop.gateway.get(f"/api/v1/nodes/{node}/proxy/metrics/cadvisor")
    return bytes(raw).decode()
