"""`strategy: resize` where a replacement does what no resize does, or the node goes meanwhile.

Workloads are side by side in one namespace, so that a loop becomes one, and a minute's usage is
known, while others are waited for. A second node is smaller than the first, and then gone.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import pytest

from kube.errors import NotFound
from kube.gateway import Gateway
from kube.objects import Pod
from scaler.health.crash_loops import CRASHES
from store.model import PodSize, Workload
from store.reasons import Reason
from tests.e2e import namespaces, observed
from tests.e2e.hungry import HUNGRY, MI, program
from tests.e2e.programs import Program
from tests.e2e.test_resize import RESIZE, by_hand, resizing, said, somebody_resizes
from tests.e2e.workloads import ANYWHERE, Json, Shop, container, manifest, sized, sizes, until

__all__ = ["resizing"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("CLUSTER") == "current", reason="adds a node, and ends it"),
]

FIRST, SECOND = "node-1", "node-2"
_PREFERRED: Json = {
    "weight": 100,
    "preference": {
        "matchExpressions": [
            {"key": "kubernetes.io/hostname", "operator": "In", "values": [SECOND]}
        ]
    },
}
_ON_SECOND: Json = {
    "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [_PREFERRED]}},
    **ANYWHERE,
}
"""For now: with a larger size, or without that node, it may be on the first."""
_ASKED = {**RESIZE, "podtailor.io/single-replica": "restart"}
_RESTARTS = {**_ASKED, "podtailor.io/restart-on-resize.app": "memory"}
_MEMORY = {
    "podtailor.io/mode": "auto",
    "podtailor.io/strategy": "resize",
    "podtailor.io/resources": "memory",
}


@dataclass(frozen=True)
class Side:
    """The workloads side by side."""

    shop: Shop
    known: dict[str, Workload]

    def podsize(self, name: str) -> PodSize:
        """Of one of them."""
        found = self.shop.podsize(self.known[name])
        assert found is not None
        return found

    def said(self, name: str) -> object:
        """Of one of them, and its pods, for who waits in vain."""
        pods = self.shop.pods(name)
        return said(self.shop, self.known[name]), [(p.metadata.name, p.status) for p in pods]

    def resized(self, pod: str) -> list[str]:
        """What its kubelet has said of resizes of a pod."""
        path = f"/api/v1/namespaces/{self.shop.namespace}/events"
        query = f"involvedObject.name={pod}"
        events = msgspec.json.decode(self.shop.gateway.get(path, fieldSelector=query))["items"]
        return [e["reason"] for e in events if e["reason"].startswith("Resize")]

    def new(self, name: str, old: str) -> Pod | None:
        """Its only pod, Ready, where that is another one than the pod with this UID."""
        pods = [p for p in self.shop.pods(name) if not p.metadata.deletion_timestamp]
        return pods[0] if [p.ready and p.metadata.uid != old for p in pods] == [True] else None


@pytest.fixture(scope="module")
def side(gateway: Gateway, resizing: Program) -> Iterator[Side]:
    _cluster("up", "--nodes", "2", "--reserve", "2:cpu=1500m")
    try:
        with namespaces.fresh(gateway) as name:
            yield _filled(Shop(gateway, name))
    finally:
        with suppress(NotFound):
            gateway.get(f"/api/v1/nodes/{SECOND}")
            _cluster("down", "--node", "2")


def _filled(shop: Shop) -> Side:
    """All of them; what takes long to show is under way."""
    spins = [container(**sized("20m", "40m"))]
    loops = program(HUNGRY, **sized("20m", "300m", "60Mi"))
    loops["readinessProbe"] = {"exec": {"command": ["/bin/busybox", "false"]}}
    two = [container(), container("side")]
    two[1]["command"] = ["/bin/busybox", "sleep", "3600"]
    two[1].pop("readinessProbe")
    none = {**_ASKED, "podtailor.io/limits": "none"}
    made = {
        "unlimited": manifest(
            "Deployment", "unlimited", replicas=1, annotations=none, containers=spins
        ),
        "loops": manifest("Deployment", "loops", replicas=1, annotations={}, containers=[loops]),
        "large": manifest("Deployment", "large", replicas=1, annotations=_ASKED, pod=_ON_SECOND),
        "stays": manifest("StatefulSet", "stays", replicas=1, annotations=RESIZE, pod=_ON_SECOND),
        "jvm": manifest("Deployment", "jvm", replicas=0, annotations=_RESTARTS, containers=two),
    }
    known = {name: shop.create(body, ready=False) for name, body in made.items()}
    until(lambda: any(p.ready for p in shop.pods("unlimited")), 60)
    shop.load("unlimited")
    until(lambda: all(any(p.ready for p in shop.pods(n)) for n in ("large", "stays")), 60)
    until(lambda: all(shop.podsize(w) for n, w in known.items() if n != "loops"), 20)
    return Side(shop, known)


def test_larger_than_its_whole_node_it_is_refused_and_moved_to_another(side: Side) -> None:
    """The API server knows the node's size: no kubelet is asked."""
    (old,) = side.shop.pods("large")
    assert old.spec.node_name == SECOND
    side.shop.by_hand(side.known["large"], by_hand("700m", "800m"))
    until(lambda: side.new("large", old.metadata.uid) is not None, 40, lambda: side.said("large"))
    (new,) = [p for p in side.shop.pods("large") if p.metadata.uid != old.metadata.uid]
    assert (new.spec.node_name, sizes(new).limits.cpu) == (FIRST, 800)
    observed.await_event(side.shop, side.known["large"], "enough allocatable resources")
    assert side.resized(old.metadata.name) == []
    assert side.podsize("large").status.restarts.count == 1


def test_a_node_that_goes_in_mid_resize_takes_the_order_with_it(side: Side) -> None:
    """The pod that comes elsewhere is made with the size, and is not resized."""
    shop, workload = side.shop, side.known["stays"]
    (old,) = shop.pods("stays")
    assert old.spec.node_name == SECOND
    subprocess.run(["tests/cluster/component", "kill", "kubelet-2"], check=True)
    shop.by_hand(workload, by_hand("120m", "240m"))
    until(lambda: sizes(shop.pods("stays")[0]).limits.cpu == 240, 20, lambda: side.said("stays"))
    waits = ("Blocked", "ResizeDeferred")
    until(lambda: said(shop, workload)[:2] == waits, 20, lambda: side.said("stays"))
    _cluster("down", "--node", "2")
    until(lambda: side.new("stays", old.metadata.uid) is not None, 120, lambda: side.said("stays"))
    settled = ("Settled", "Manual")
    until(lambda: said(shop, workload)[:2] == settled, 20, lambda: side.said("stays"))
    (new,) = shop.pods("stays")
    assert (new.spec.node_name, sizes(new).limits.cpu) == (FIRST, 240)
    assert new.metadata.generation == 1, "it was made with the size"
    assert side.podsize("stays").status.restarts.count == 0, "nobody has replaced it"


def test_what_an_annotation_has_restarted_is_replaced_for_memory_and_resized_for_cpu(
    side: Side,
) -> None:
    shop, workload = side.shop, side.known["jvm"]
    until(lambda: bool(side.podsize("jvm").status.restart_on_resize), 20)
    shop.patch(workload, {"spec": {"replicas": 1}})
    until(lambda: side.new("jvm", "") is not None, 30)
    (old,) = shop.pods("jvm")
    assert _policies(old) == {"app": {"memory": "RestartContainer"}, "side": {}}

    shop.by_hand(workload, by_hand("110m", "220m"))
    until(lambda: _given(shop, "jvm") == ["220m"], 20, lambda: side.said("jvm"))
    assert observed.made(shop, "jvm") == [(old.metadata.uid, 0)], "in place"
    assert side.podsize("jvm").status.restarts.count == 0

    more: Json = {"cpu": "110m", "memory": "48Mi"}
    size = {"name": "app", "requests": more, "limits": {**more, "cpu": "220m"}}
    shop.by_hand(workload, size)
    until(lambda: side.new("jvm", old.metadata.uid) is not None, 40, lambda: side.said("jvm"))
    observed.await_event(shop, workload, "app's resizePolicy restarts it for memory")
    assert side.podsize("jvm").status.restarts.count == 1, "a restart counts as one"
    (new,) = [p for p in shop.pods("jvm") if p.metadata.uid != old.metadata.uid]
    assert sizes(new).limits.memory == 48 * MI
    assert _policies(new) == {"app": {"memory": "RestartContainer"}, "side": {}}

    until(lambda: len(shop.pods("jvm")) == 1, 30)
    somebody_resizes(shop, new, sized("110m", "220m", "56Mi"))
    restarts = {"app": 1, "side": 0}
    until(lambda: _restarts(shop.pods("jvm")[0]) == restarts, 30, lambda: side.said("jvm"))


def test_a_pod_that_loops_for_want_of_memory_is_replaced_and_not_resized(side: Side) -> None:
    shop = side.shop
    until(lambda: _loops(shop), 120, lambda: side.said("loops"))
    (old,) = shop.pods("loops")
    metadata = {"metadata": {"annotations": _MEMORY}}
    shop.patch(side.known["loops"], metadata)
    until(lambda: _more(shop, old.metadata.uid), 60, lambda: side.said("loops"))
    assert side.resized(old.metadata.name) == []
    reasons = [c.reason for c in side.podsize("loops").status.changes]
    assert Reason.OOM_KILLED in reasons


def test_a_limit_that_is_to_go_goes_with_another_pod(side: Side) -> None:
    """Decided by its usage, two minutes after its start; no resize removes a limit."""
    shop, workload = side.shop, side.known["unlimited"]

    until(lambda: bool(side.podsize("unlimited").status.changes), 180)
    until(lambda: _unlimited(shop), 40, lambda: side.said("unlimited"))
    observed.await_event(shop, workload, "app's cpu limit is removed")
    assert side.podsize("unlimited").status.restarts.count == 1


def _cluster(*words: str) -> None:
    done = subprocess.run([f"tests/cluster/{words[0]}", *words[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _policies(pod: Pod) -> dict[str, dict[str, str]]:
    return {
        c.name: {p.resource_name: p.restart_policy for p in c.resize_policy or ()}
        for c in pod.spec.containers
    }


def _restarts(pod: Pod) -> dict[str, int]:
    return {s.name: s.restart_count for s in pod.status.container_statuses or ()}


def _given(shop: Shop, name: str) -> list[object]:
    """What the kubelets say of the CPU limit of `app`."""
    statuses = [s for p in shop.pods(name) for s in p.status.container_statuses or ()]
    has = [s.resources for s in statuses if s.name == "app"]
    return [(r.limits or {}).get("cpu") for r in has if r]


def _loops(shop: Shop) -> bool:
    statuses = [s for p in shop.pods("loops") for s in p.status.container_statuses or ()]
    return bool(statuses) and all(s.restart_count > CRASHES for s in statuses)


def _more(shop: Shop, old: str) -> bool:
    """Whether another pod runs with twice the memory."""
    new = [p for p in shop.pods("loops") if p.metadata.uid != old]
    running = [s for p in new for s in p.status.container_statuses or () if s.state.running]
    return bool(running) and all(sizes(p).limits.memory == 120 * MI for p in new)


def _unlimited(shop: Shop) -> bool:
    pods = [p for p in shop.pods("unlimited") if not p.metadata.deletion_timestamp]
    return [(sizes(p).requests.cpu, sizes(p).limits.cpu) for p in pods] == [(40, None)]
