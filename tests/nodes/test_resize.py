"""What no resize does, or nobody lets it do, on the node with cgroup v2: as on the first node.

The cases of tests/e2e/test_resize*.py, side by side; how long each takes is the emulation's.
"""

import time

import pytest

from scaler.health.crash_loops import CRASHES
from store.model import Status, Workload
from store.reasons import Reason
from tests.e2e import namespaces, observed
from tests.e2e.hungry import HUNGRY, program
from tests.e2e.policies import refusing
from tests.e2e.refusals import in_turn
from tests.e2e.test_resize import SECOND, by_hand, may_not_resize, said, somebody_resizes
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, until
from tests.nodes.node import NodeV2
from tests.nodes.workloads import CPU, IDLE, MEMORY, ON_V2, PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

_WORDS = "nobody resizes this one"
_RESTARTS = [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]

Known = dict[str, Workload]


@pytest.fixture(scope="module")
def known(shop: Shop) -> Known:
    """All of them; what takes minutes to show is under way."""
    idle = program(IDLE, **sized("20m", "100m", "16Mi"))
    burns = container(**sized("20m", "40m", "16Mi"))
    del burns["readinessProbe"]
    hungry = program(HUNGRY, **sized("20m", "300m", "60Mi"))
    hungry["readinessProbe"] = {"exec": {"command": ["/bin/busybox", "false"]}, "periodSeconds": 10}
    none = {**CPU, "podtailor.io/limits": "none"}
    made = {
        "unlimited": _on_v2("unlimited", burns, none),
        "loops": _on_v2("loops", hungry, {}),
        "barred": _on_v2("barred", idle),
        "restarts": _on_v2("restarts", {**idle, "resizePolicy": _RESTARTS}),
        "shared": _on_v2("shared", idle),
        "asleep": _on_v2("asleep", idle),
    }
    found = {name: shop.create(body, ready=False) for name, body in made.items()}
    until(lambda: _running(shop, "unlimited"), 4 * PATIENCE)
    shop.load("unlimited")
    until(lambda: all(_running(shop, name) for name in found), 4 * PATIENCE)
    sized_ones = [w for name, w in found.items() if name != "loops"]
    until(lambda: all(shop.podsize(w) for w in sized_ones), PATIENCE)
    return found


def test_what_the_api_server_refuses_in_a_policy_s_words_is_replaced(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    before, rule = observed.made(shop, "barred"), "object.metadata.labels.app != 'barred'"
    with refusing(shop.gateway, shop.namespace, "UPDATE", rule, _WORDS, "pods/resize"):
        until(lambda: may_not_resize(shop, "barred", _WORDS), PATIENCE)
        shop.by_hand(known["barred"], by_hand("30m", "120m"))
        _until_replaced(shop, known, "barred", before)
    observed.await_event(shop, known["barred"], _WORDS)
    assert node.quotas(shop.pods("barred")[0])[0] == 12000


def test_what_its_resize_policy_restarts_is_replaced_and_counted(shop: Shop, known: Known) -> None:
    before = observed.made(shop, "restarts")
    shop.by_hand(known["restarts"], by_hand("30m", "120m"))
    _until_replaced(shop, known, "restarts", before)
    observed.await_event(shop, known["restarts"], "app's resizePolicy restarts it for cpu")
    assert _podsize(shop, known, "restarts").restarts.count == 1


def test_with_somebody_else_s_resize_there_is_no_fight(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    before, [pod] = observed.made(shop, "shared"), shop.pods("shared")
    shop.by_hand(known["shared"], by_hand("30m", "120m"))
    until(lambda: node.quotas(pod)[0] == 12000, PATIENCE, lambda: said(shop, known["shared"]))
    until(lambda: said(shop, known["shared"])[:2] == ("Settled", "Manual"), PATIENCE)
    time.sleep(SECOND)
    somebody_resizes(shop, pod, sized("25m", "110m", "16Mi"))  # less: more is left without a word
    rewritten = ("Blocked", "Rewritten")
    until(
        lambda: said(shop, known["shared"])[:2] == rewritten,
        PATIENCE,
        lambda: said(shop, known["shared"]),
    )
    until(lambda: node.quotas(pod)[0] == 11000, PATIENCE)
    shop.by_hand(known["shared"], by_hand("35m", "130m"))
    until(lambda: node.quotas(pod)[0] == 13000, PATIENCE, lambda: said(shop, known["shared"]))
    assert observed.made(shop, "shared") == before


def test_what_is_not_admitted_waits_with_its_own_reason(shop: Shop, known: Known) -> None:
    """Room, quota, LimitRange and QoS class, in a namespace of its own beside the others."""
    with namespaces.fresh(shop.gateway) as name:
        idle = [program(IDLE, **sized("100m", "200m"))]
        own = Shop(shop.gateway, name)
        in_turn(own, CPU, patience=PATIENCE, pod=ON_V2, containers=idle)


def test_a_pod_that_loops_for_want_of_memory_is_replaced_and_not_resized(
    shop: Shop, known: Known
) -> None:
    until(lambda: _loops(shop), 3 * PATIENCE, lambda: observed.made(shop, "loops"))
    old = [uid for uid, _ in observed.made(shop, "loops")]
    shop.patch(known["loops"], {"metadata": {"annotations": MEMORY}})
    until(
        lambda: any(p.metadata.uid not in old for p in shop.pods("loops")),
        3 * PATIENCE,
        lambda: said(shop, known["loops"]),
    )
    reasons = [c.reason for c in _podsize(shop, known, "loops").changes]
    assert Reason.OOM_KILLED in reasons
    shop.patch(known["loops"], {"spec": {"replicas": 0}})  # it takes what others here need


def test_a_limit_that_is_to_go_goes_with_another_pod(shop: Shop, known: Known) -> None:
    until(lambda: bool(_podsize(shop, known, "unlimited").changes), 3 * PATIENCE)
    until(lambda: _unlimited(shop), PATIENCE, lambda: said(shop, known["unlimited"]))
    observed.await_event(shop, known["unlimited"], "app's cpu limit is removed")
    assert _podsize(shop, known, "unlimited").restarts.count == 1


def test_a_kubelet_that_falls_silent_does_it_when_it_is_back(
    shop: Shop, known: Known, node: NodeV2
) -> None:
    """Longer than the deadline: the one pod of a workload that may not be surged stays."""
    before, [pod] = observed.made(shop, "asleep"), shop.pods("asleep")
    node.freeze_kubelet()
    try:
        shop.by_hand(known["asleep"], by_hand("30m", "120m"))
        waits = ("Blocked", "ResizeDeferred")
        until(lambda: said(shop, known["asleep"])[:2] == waits, PATIENCE)
        assert sizes(shop.pods("asleep")[0]).limits.cpu == 120, "asked for"
        assert node.quotas(pod)[0] == 10000, "and not had"
    finally:
        node.thaw_kubelet()
    until(lambda: node.quotas(pod)[0] == 12000, 2 * PATIENCE, lambda: said(shop, known["asleep"]))
    until(lambda: said(shop, known["asleep"])[:2] == ("Settled", "Manual"), PATIENCE)
    assert observed.made(shop, "asleep") == before


def _on_v2(name: str, one: Json, annotations: Json = CPU) -> Json:
    kind = "StatefulSet" if name in ("shared", "asleep") else "Deployment"
    return manifest(kind, name, replicas=1, annotations=annotations, containers=[one], pod=ON_V2)


def _running(shop: Shop, name: str) -> bool:
    return any(s.state.running for p in shop.pods(name) for s in p.status.container_statuses or ())


def _podsize(shop: Shop, known: Known, name: str) -> Status:
    found = shop.podsize(known[name])
    assert found is not None
    return found.status


def _until_replaced(shop: Shop, known: Known, name: str, before: list[tuple[str, int]]) -> None:
    def replaced() -> bool:
        pods = [p for p in shop.pods(name) if not p.metadata.deletion_timestamp]
        new = all(p.metadata.uid != uid for p in pods for uid, _ in before)
        return len(pods) == 1 and new and pods[0].ready and sizes(pods[0]).limits.cpu == 120

    until(replaced, 2 * PATIENCE, lambda: said(shop, known[name]))


def _loops(shop: Shop) -> bool:
    statuses = [s for p in shop.pods("loops") for s in p.status.container_statuses or ()]
    return bool(statuses) and all(s.restart_count > CRASHES for s in statuses)


def _unlimited(shop: Shop) -> bool:
    pods = [p for p in shop.pods("unlimited") if not p.metadata.deletion_timestamp]
    return [(sizes(p).requests.cpu, sizes(p).limits.cpu) for p in pods] == [(40, None)]
