"""A size that does not work is rolled back, and the unhealthy pod replaced; others are unaffected.

The containers here start, or get Ready, only with enough memory: they read their own limit.
Deadlines are short, everything else is as usual.
"""

from collections.abc import Iterator

import msgspec
import pytest

from kube import quantity
from kube.gateway import Gateway
from kube.objects import Node, Pod
from scaler.feasibility import pod_requests
from store.model import Apply, Phase, Resources, Size, Workload
from store.reasons import Reason
from tests.e2e.conftest import changed
from tests.e2e.observed import restarts
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, MEMORY, SMALL, settled, status_of, uids
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, steadily, until

_LEAST = 24 * 1024**2
_LIMIT = {"name": "LIMIT", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}}
MORE = {"name": "app", "requests": {"memory": "40Mi"}, "limits": {"memory": "40Mi"}}
TOO_LITTLE = {"name": "app", "requests": {"memory": "16Mi"}, "limits": {"memory": "16Mi"}}

SHORT = {"SCALER_DEADLINE_SHORTEST": "6", "SCALER_DEADLINE_LONGEST": "12"}


@pytest.fixture(scope="module", autouse=True)
def short(programs: Programs) -> Iterator[None]:
    """The session's scaler with deadlines of some seconds."""
    with changed(programs, **SHORT):
        yield


def choosy(*, starts: bool) -> Json:
    """A container that needs 24 MiB: with less it exits (`starts` False), or is never Ready."""
    made = container()
    enough = f"[ $LIMIT -ge {_LEAST} ]"
    if starts:
        command = ["/bin/busybox", "sh", "-c", enough]
        made["readinessProbe"] = {"exec": {"command": command}, "periodSeconds": 1}
    else:
        made["command"][-1] = f"{enough} || {{ echo too little; exit 3; }}" + made["command"][-1]
    return {**made, "env": [_LIMIT]}


def rolled_back(shop: Shop, workload: Workload, pods: int) -> bool:
    """The size was rolled back, and all pods are Ready."""
    podsize, seen = shop.podsize(workload), shop.pods()
    return (
        podsize is not None
        and (podsize.status.phase, podsize.status.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
        and len(seen) == pods
        and all(p.ready for p in seen)
    )


def warnings(shop: Shop, workload: Workload) -> list[str]:
    return [note for kind, why, note in shop.events(workload) if (kind, why) == _WARNING]


def _proven(shop: Shop, workload: Workload) -> int:
    """The revision of the last good size."""
    podsize = shop.podsize(workload)
    return podsize.status.last_good.revision if podsize and podsize.status.last_good else 0


_WARNING = ("Warning", "RolledBack")


def test_a_size_with_which_a_pod_crashes_is_rolled_back(shop: Shop) -> None:
    workload = shop.create(
        manifest("ReplicationController", replicas=3, containers=[choosy(starts=False)])
    )
    shop.by_hand(workload, MORE)
    forty = Size(Resources(100, 40 * 1024**2), Resources(200, 40 * 1024**2))
    until(lambda: settled(shop, workload, forty, 3), 60, lambda: status_of(shop, workload))
    before, good = uids(shop.pods()), shop.podsize(workload)
    assert good is not None and good.status.last_good is not None
    shop.by_hand(workload, TOO_LITTLE)
    until(lambda: len(uids(shop.pods()) - before) == 1, 20, lambda: status_of(shop, workload))
    until(lambda: rolled_back(shop, workload, 3), 60, lambda: status_of(shop, workload))
    podsize, pods = shop.podsize(workload), shop.pods()
    assert podsize and podsize.status.size
    assert podsize.status.size.apply is Apply.NEW
    assert podsize.status.size.revision == 3
    assert podsize.status.size.containers == good.status.last_good.containers
    assert podsize.status.changes[0].reason is Reason.ROLLED_BACK
    assert podsize.status.backoff.failures == 1 and podsize.status.backoff.until
    assert "last: Error, exit code 3" in podsize.status.message
    assert any("app: back-off" in note for note in warnings(shop, workload))
    assert len(uids(pods) & before) == 2 and all(sizes(p) == forty for p in pods)
    assert [restarts([p]) for p in pods] == [0, 0, 0]
    # spec still asks for it: once this size is proven, nothing is tried again or written.
    until(lambda: _proven(shop, workload) == 3, 10, lambda: status_of(shop, workload))
    podsize, now = shop.podsize(workload), uids(pods)
    steadily(lambda: uids(shop.pods()) == now, 5, lambda: status_of(shop, workload))
    last = shop.podsize(workload)
    assert last == podsize


def test_a_size_with_which_a_pod_is_never_ready_is_rolled_back(shop: Shop) -> None:
    workload = shop.create(manifest("StatefulSet", containers=[choosy(starts=True)]))
    before = uids(shop.pods())
    shop.by_hand(workload, TOO_LITTLE)
    until(lambda: uids(shop.pods()) != before, 20, lambda: status_of(shop, workload))
    until(lambda: rolled_back(shop, workload, 2), 60, lambda: status_of(shop, workload))
    podsize, pods = shop.podsize(workload), shop.pods()
    assert podsize and podsize.status.size and podsize.status.size.containers == ()
    assert "web-1 is not Ready after" in podsize.status.message
    assert any("web-1 is not Ready after" in note for note in warnings(shop, workload))
    assert len(uids(pods) & before) == 1 and all(sizes(p) == SMALL for p in pods)


def test_a_pod_that_finds_no_node_with_the_size_gets_a_smaller_one(
    shop: Shop, gateway: Gateway
) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, {"name": "app", "requests": {"cpu": "250m"}, "limits": {"cpu": "300m"}})
    large = Size(Resources(250, MEMORY), Resources(300, MEMORY))
    until(lambda: settled(shop, workload, large, 2), 60, lambda: status_of(shop, workload))
    before = uids(shop.pods())
    until(lambda: not passing(gateway, shop), 60)
    filling = f"{free(gateway) - 150}m"
    shop.create(
        manifest(
            "Deployment",
            "filler",
            replicas=1,
            annotations={},
            containers=[container(**sized(filling, filling))],
        )
    )
    shop.patch(workload, {"spec": {"replicas": 3}})
    until(lambda: rolled_back(shop, workload, 3), 60, lambda: status_of(shop, workload))
    podsize, pods = shop.podsize(workload), shop.pods()
    assert podsize and podsize.status.size and podsize.status.size.containers == ()
    assert "Insufficient cpu" in podsize.status.message
    assert any("Insufficient cpu" in note for note in warnings(shop, workload))
    assert before < uids(pods)
    assert sorted(sizes(p).requests.cpu or 0 for p in pods) == [100, 250, 250]


def test_a_limit_range_that_comes_later_keeps_no_pod_from_coming_back(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    first, second = shop.pods()
    limits = {"type": "Container", "max": {"cpu": "250m"}}
    shop.gateway.post(
        f"/api/v1/namespaces/{shop.namespace}/limitranges",
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "most"},
            "spec": {"limits": [limits]},
        },
    )
    shop.gateway.delete(f"/api/v1/namespaces/{shop.namespace}/pods/{first.metadata.name}")
    until(lambda: rolled_back(shop, workload, 2), 40, lambda: status_of(shop, workload))
    kept = {p.metadata.uid: p for p in shop.pods()}
    assert sizes(kept.pop(second.metadata.uid)) == LARGE
    assert [sizes(p) for p in kept.values()] == [SMALL]
    podsize = shop.podsize(workload)
    assert podsize and "LimitRange most refuses" in podsize.status.message
    assert podsize.status.restarts.count == 2, "nobody was taken for that"
    assert any("LimitRange most refuses" in note for note in warnings(shop, workload))


class _Nodes(msgspec.Struct):
    items: list[Node]


class _Pods(msgspec.Struct):
    items: list[Pod]


def passing(gateway: Gateway, shop: Shop) -> list[str]:
    """Pods of earlier tests that still exist: the capacity that they free must not count."""
    pods = msgspec.json.decode(gateway.get("/api/v1/pods"), type=_Pods).items
    others = [p.metadata.namespace for p in pods if p.metadata.namespace != shop.namespace]
    return [name for name in others if name.startswith("e2e-")]


def free(gateway: Gateway) -> int:
    """Millicores that no pod requests on the node without a taint."""
    nodes = msgspec.json.decode(gateway.get("/api/v1/nodes"), type=_Nodes).items
    pods = msgspec.json.decode(gateway.get("/api/v1/pods"), type=_Pods).items
    node = next(n for n in nodes if not n.spec.taints)
    held = [p for p in pods if p.spec.node_name == node.metadata.name]
    alive = [p for p in held if p.status.phase not in pod_requests.FINISHED]
    total = quantity.cpu((node.status.allocatable or {})["cpu"])
    return total - sum(pod_requests.needed(p, {}).cpu for p in alive)
