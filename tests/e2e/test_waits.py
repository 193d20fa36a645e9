"""Waits have an end, and a reason that says what is waited for.

Three workloads whose pods never end, one whose liveness probe ends it again and again, one that has
always been slow to start, one that kubelets refuse: each as real kubelets treat them.
"""

from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest

from kube.errors import NotFound
from kube.gateway import Gateway
from scaler.cluster.terminating import PATIENCE
from store.model import Apply, Phase, Resources, Size, Workload
from store.reasons import Reason
from tests.e2e import namespaces
from tests.e2e.conftest import changed
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, MEMORY, settled, status_of
from tests.e2e.workloads import Json, Shop, container, manifest, sized, until

_HOUR: Json = {"terminationGracePeriodSeconds": 3600}
_SLOW = 20
_BIG = Size(Resources(600, MEMORY), Resources(700, MEMORY))
ONE_CORE = container(**sized("1", "1"))
_ALONE = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}


@pytest.fixture(scope="module", autouse=True)
def tight(programs: Programs) -> Iterator[None]:
    """The session's scaler with deadlines of some seconds."""
    with changed(programs, SCALER_DEADLINE_SHORTEST="6", SCALER_DEADLINE_LONGEST="12"):
        yield


@pytest.fixture(scope="module", autouse=True)
def slow(gateway: Gateway, tight: None) -> Iterator[Shop]:
    """Two workloads, slower to start than the longest deadline: while other tests wait."""
    made = container()
    made["readinessProbe"] = {**made["readinessProbe"], "initialDelaySeconds": _SLOW}
    with namespaces.fresh(gateway) as name:
        shop = Shop(gateway, name)
        one: Json = {"replicas": 1, "annotations": _ALONE, "containers": [made]}
        shop.create(manifest("Deployment", containers=[made]), ready=False)
        shop.create(manifest("StatefulSet", "one", **one), ready=False)
        yield shop


def _node(shop: Shop) -> str:
    return str(
        msgspec.json.decode(shop.gateway.get("/api/v1/nodes"))["items"][0]["metadata"]["name"]
    )


def endless() -> Json:
    """A program that does not end on SIGTERM."""
    made = container(**sized("20m", "40m", "16Mi"))
    made["command"][-1] = "trap '' TERM;" + made["command"][-1] + "; while :; do wait; done"
    return made


def ended(shop: Shop, *workloads: Workload) -> None:
    """Their pods go at once: a namespace that is deleted would wait for an hour."""
    for one in workloads:
        shop.patch(one, {"spec": {"replicas": 0}})
    until(lambda: not any([_killed(shop, one.name) for one in workloads]), 60)


def _killed(shop: Shop, name: str) -> int:
    pods = shop.pods(name)
    for pod in pods:
        path = f"/api/v1/namespaces/{shop.namespace}/pods/{pod.metadata.name}"
        with suppress(NotFound):
            shop.gateway.delete(path, {"gracePeriodSeconds": 0})
    return len(pods)


def killed() -> Json:
    """A container that its liveness probe ends after some seconds, each time."""
    probe = {"exec": {"command": ["/bin/busybox", "false"]}, "initialDelaySeconds": 2}
    return {**container(), "livenessProbe": {**probe, "periodSeconds": 1, "failureThreshold": 1}}


def said(shop: Shop, workload: Workload) -> tuple[Phase | None, Reason | None, str]:
    podsize = shop.podsize(workload)
    status = podsize.status if podsize else None
    return (status.phase, status.reason, status.message) if status else (None, None, "")


@pytest.fixture
def endings(shop: Shop) -> Iterator[list[Workload]]:
    """What is put here is ended afterwards, whatever happens: its pods keep their node's CPU."""
    begun: list[Workload] = []
    yield begun
    ended(shop, *begun)


def test_pods_that_never_end_hold_nobody_up_and_are_named(
    shop: Shop, endings: list[Workload]
) -> None:
    dying = shop.create(
        manifest("Deployment", "dying", replicas=1, containers=[killed()]), ready=False
    )
    more: Json = {"containers": [endless()], "pod": _HOUR}
    three = [shop.create(manifest("Deployment", f"e{i}", **more)) for i in range(3)]
    endings += three
    ordinary = shop.create(manifest("ReplicationController"))
    small = {"name": "app", "requests": {"cpu": "30m"}, "limits": {"cpu": "60m"}}
    for one in three:
        shop.by_hand(one, small)
    for one in three:
        until(lambda w=one: "is still terminating, until" in said(shop, w)[2], 40)  # type: ignore[misc]
    shop.by_hand(ordinary, BY_HAND)
    until(
        lambda: settled(shop, ordinary, LARGE, 2), PATIENCE + 45, lambda: status_of(shop, ordinary)
    )
    for one in three:
        pods = shop.pods(one.name)
        ends = [p for p in pods if p.metadata.deletion_timestamp]
        assert ends and sum(p.ready for p in pods) == 2, status_of(shop, one)
    blocked = (Phase.BLOCKED, Reason.NOT_READY)  # from the third restart on; the kubelet backs off
    until(lambda: said(shop, dying)[:2] == blocked, 60, lambda: status_of(shop, dying))
    message = said(shop, dying)[2]
    assert "restarted at least" in message and "its liveness probe may be" in message
    assert len([n for _, r, n in shop.events(dying) if r == "NotReady"]) == 1


def test_what_has_always_been_slow_to_start_is_not_broken(slow: Shop) -> None:
    """Slower than the longest deadline of this scaler; once with several pods, once with one."""
    two = Workload("apps/v1", "Deployment", slow.namespace, "web")
    one = Workload("apps/v1", "StatefulSet", slow.namespace, "one")
    for workload, pods in ((one, 1), (two, 2)):
        until(lambda w=workload, n=pods: _ready(slow, w) == n, 60)  # type: ignore[misc]
        slow.by_hand(workload, BY_HAND)
    for workload, pods in ((one, 1), (two, 2)):
        until(
            lambda w=workload, n=pods: settled(slow, w, LARGE, n),  # type: ignore[misc]
            150,
            lambda w=workload: status_of(slow, w),  # type: ignore[misc]
        )
        podsize = slow.podsize(workload)
        assert podsize and podsize.status.backoff.failures == 0
    ended(slow, one, two)


def _ready(shop: Shop, workload: Workload) -> int:
    return sum(p.ready for p in shop.pods(workload.name))


def test_pods_that_their_kubelet_refuses_get_the_manifests_values(shop: Shop) -> None:
    filler = manifest("Deployment", "filler", replicas=1, annotations={}, containers=[ONE_CORE])
    here: Json = {"nodeName": _node(shop)}
    pinned = shop.create(manifest("Deployment", replicas=1, pod=here, annotations=_ALONE))
    shop.by_hand(pinned, {"name": "app", "requests": {"cpu": "600m"}, "limits": {"cpu": "700m"}})
    until(lambda: settled(shop, pinned, _BIG, 1), 60, lambda: status_of(shop, pinned))
    filler["spec"]["template"]["spec"] |= here
    shop.create(filler)
    shop.patch(pinned, {"spec": {"replicas": 2}})
    until(lambda: sum(p.ready for p in shop.pods()) == 2, 60, lambda: status_of(shop, pinned))
    phase, reason, message = said(shop, pinned)
    assert (phase, reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
    assert "were refused by their kubelet: OutOfcpu" in message
    podsize = shop.podsize(pinned)
    assert podsize and podsize.status.size and podsize.status.size.apply is Apply.NEW
    assert podsize.status.backoff.failures == 1
    refused = [p for p in shop.pods() if p.status.phase == "Failed"]
    print(f"{len(refused)} pods were refused")
    assert 3 <= len(refused) <= 20
