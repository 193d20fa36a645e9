"""Which pods can be handed over: every row of surge.py's table, and what next_pod.py does then."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import Settings
from scaler.feasibility.fit import NodeCapacity
from scaler.feasibility.rescheduling import Places
from scaler.model import Evict, HandOver, Wait, Write
from scaler.replacement import surge
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, NGINX, asked, injected, owner, pod, stored, view
from tests.unit.scaler.cycles import context, planned

SIZE = stored(3)
STATUS = Status(size=SIZE)
MORE = {"nginx": DOUBLED}
RESTRICTED: dict[str, Any] = {"no_surge": None}


def placed(**places: str) -> Any:
    """A cycle with the rights policy in place; `beside` and `exclusive` say what is in the way."""
    beside, exclusive = places.get("beside"), places.get("exclusive")
    return context(
        no_surge=None,
        places=Places(beside=lambda p, s: beside, exclusive=lambda p: exclusive),
    )


def rolling(**rolling: Any) -> objects.Owner:
    return owner(replicas=1, spec={"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}})


CASES: dict[str, tuple[dict[str, Any], dict[str, str], Any, str | None]] = {
    "a ReplicationController": ({}, {}, placed(), None),
    "a ReplicaSet": ({"kind": "ReplicaSet"}, {}, placed(), None),
    "a Deployment": ({"kind": "Deployment"}, {}, placed(), None),
    "… that surges itself": (
        {"kind": "Deployment", "whose": rolling(maxSurge="25%")},
        {},
        placed(),
        None,
    ),
    "no rights policy": ({}, {}, context(no_surge="no policy"), "no policy"),
    "opts out": ({}, {"disruption": "evict"}, placed(), "disruption: evict"),
    "deletes": ({}, {"disruption": "delete"}, placed(), "disruption: delete"),
    "a StatefulSet": (
        {"kind": "StatefulSet"},
        {},
        placed(),
        "the replacement of a StatefulSet's pod has its name",
    ),
    "a DaemonSet": ({"kind": "DaemonSet"}, {}, placed(), "a DaemonSet has one pod on each node"),
    "Recreate": (
        {"kind": "Deployment", "whose": owner(spec={"strategy": {"type": "Recreate"}})},
        {},
        placed(),
        "the Deployment's strategy is Recreate",
    ),
    "maxSurge 0": (
        {"kind": "Deployment", "whose": rolling(maxSurge=0, maxUnavailable=1)},
        {},
        placed(),
        "the Deployment's maxSurge is 0",
    ),
    "maxSurge 0%": (
        {"kind": "Deployment", "whose": rolling(maxSurge="0%")},
        {},
        placed(),
        "the Deployment's maxSurge is 0",
    ),
    "another controller would adopt it": (
        {},
        {},
        replace(placed(), adopter=lambda pod: "ReplicationController stable"),
        "the selector of ReplicationController stable matches it too: it could adopt the pod",
    ),
    "a volume": (
        {},
        {},
        placed(exclusive="volume data is ReadWriteOnce"),
        "volume data is ReadWriteOnce",
    ),
    "no room": ({}, {}, placed(beside="no node has room"), "no node has room"),
    "a quota": (
        {},
        {},
        replace(placed(), quota_beside=lambda view, pods, sizes: "ResourceQuota q refuses"),
        "ResourceQuota q refuses",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_workload_can_surge_or_the_reason_why_not(name: str) -> None:
    given, annotations, cycle, why = CASES[name]
    made = view(pod("web-1"), **given)
    settings = asked(**annotations)
    assert isinstance(settings, Settings)
    assert surge.unable(made, settings, made.pods[0], MORE, cycle.surge(made)) == why


def test_a_deployment_that_is_gone_forbids_nothing() -> None:
    made = replace(view(pod("web-1"), kind="Deployment"), owner=None)
    settings = asked()
    assert isinstance(settings, Settings)
    assert surge.unable(made, settings, made.pods[0], MORE, placed().surge(made)) is None


def says(*right: object) -> Any:
    """An answer to the right question alone."""
    return lambda *given: "no" if given == right else None


@pytest.mark.parametrize("question", ["adopter", "exclusive", "quota", "beside"])
def test_what_is_in_the_way_of_this_pod_with_its_new_size_counts(question: str) -> None:
    made = view(pod("web-1"), pod("web-2"))
    one, settings = made.pods[1], asked()
    assert isinstance(settings, Settings)
    right = {"adopter": (one,), "exclusive": (one,), "quota": (made, [one], MORE)}
    no = says(*right.get(question, (one, MORE)))
    none = says("nothing")
    given = {q: no if q == question else none for q in ("adopter", "exclusive", "quota", "beside")}
    places = Places(beside=given["beside"], exclusive=given["exclusive"])
    questions = surge.Asked(None, places, none, given["quota"], given["adopter"])
    assert "no" in (surge.unable(made, settings, one, MORE, questions) or "").split()
    assert surge.unable(made, settings, made.pods[0], MORE, questions) is None


@pytest.mark.parametrize(
    ("unknown", "beside", "tried"),
    [
        (("web-1", "web-2"), None, True),
        (("web-1",), None, False),
        (("web-2",), None, False),
        (("web-1", "web-2"), "web-2", False),
    ],
    ids=["none is foreseen", "one is", "the other is", "one cannot surge"],
)
def test_a_size_is_tried_where_that_can_be_done_with_every_pod(
    unknown: tuple[str, ...], beside: str | None, tried: bool
) -> None:
    made = view(pod("web-1"), pod("web-2"))
    settings = asked()
    assert isinstance(settings, Settings)
    places = Places(
        unmodelled=lambda p: "cannot be foreseen" if p.metadata.name in unknown else None,
        beside=lambda p, sizes: "no" if (p.metadata.name, sizes) == (beside, MORE) else None,
    )
    asks = surge.Asked(None, places, says(made.pods, MORE), says("nothing"))
    assert surge.obstacle(made, settings, MORE, asks) == (None if tried else "no")
    assert surge.obstacle(made, settings, {}, asks) is None, "those have room"


def node(name: str, cpu: str = "2") -> objects.Node:
    status = {
        "allocatable": {"cpu": cpu, "memory": "8Gi", "pods": "110"},
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    return msgspec.convert({"metadata": {"name": name}, "status": status}, objects.Node)


def with_port(**spec: Any) -> objects.Pod:
    made = msgspec.to_builtins(pod("web-1", nodeName="a", **spec))
    made["spec"]["containers"][0]["ports"] = [{"hostPort": 80}]
    return msgspec.convert(made, objects.Pod)


ON_A: dict[str, Any] = {"nodeName": "a"}
SHARED = [{"name": "data", "persistentVolumeClaim": {"claimName": "shared"}}]
BESIDE: dict[str, tuple[objects.Pod, list[objects.Node], str | None]] = {
    "there is room on its own node": (pod("web-1", **ON_A), [node("a")], None),
    "only where it is itself": (pod("web-1", **ON_A), [node("a", "600m")], "beside the old one"),
    "there is room on another": (pod("web-1", **ON_A), [node("a", "600m"), node("b")], None),
    "a port, and one node": (with_port(), [node("a")], "port 80 of the host"),
    "a port, and another node": (with_port(), [node("a"), node("b")], None),
    "the host's network, one node": (pod("web-1", hostNetwork=True, **ON_A), [node("a")], "host's"),
    "… and another": (pod("web-1", hostNetwork=True, **ON_A), [node("a"), node("b")], None),
    "only the scheduler knows": (pod("web-1", volumes=SHARED, **ON_A), [node("a")], None),
    "and no node has room": (
        pod("web-1", volumes=SHARED, **ON_A),
        [node("a", "1m")],
        "no node has room",
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_old_and_new_pod_fit_side_by_side(name: str) -> None:
    made, nodes, why = BESIDE[name]
    got = NodeCapacity(nodes, [made]).beside(made, {"nginx": DOUBLED})
    assert (got is None) == (why is None), got
    assert why is None or why in (got or "")


def outdated(replicas: int = 1, **more: Any) -> Any:
    pods = [pod(f"web-{n}", NGINX) for n in range(1, replicas + 1)]
    return view(*pods, status=STATUS, **more)


def test_a_single_pod_that_can_surge_is_handed_over() -> None:
    plan = planned(outdated(), placed())
    assert isinstance(plan.action, HandOver)
    assert plan.action.pod == "web-1"
    assert plan.action.status.reason is Reason.PENDING_REPLACEMENT
    assert plan.action.status.restarts.count == 1, "it counts as a restart"


def test_a_single_pod_that_cannot_surge_waits_and_says_why() -> None:
    plan = planned(outdated(), placed(exclusive="volume data is ReadWriteOnce"))
    assert isinstance(plan.action, Write)
    assert plan.standing.reason is Reason.SINGLE_REPLICA
    assert "ReadWriteOnce" in plan.standing.message


def test_one_of_two_pods_is_evicted_where_it_cannot_surge() -> None:
    plan = planned(outdated(2), placed(beside="no room for both"))
    assert isinstance(plan.action, Evict)
    assert plan.action.instead == "no room for both"
    assert "no room for both" in plan.action.status.message


def test_disruption_delete_holds_and_deletes_pods_under_the_rules_of_evictions() -> None:
    settings = asked(disruption="delete")
    plan = planned(outdated(2, settings=settings), placed())
    assert isinstance(plan.action, HandOver)
    alone = planned(outdated(1, settings=settings), placed())
    assert alone.standing.reason is Reason.SINGLE_REPLICA
    no_surge = planned(outdated(2, settings=settings), context(no_surge="no policy"))
    assert isinstance(no_surge.action, Evict)


def test_a_pod_whose_replacement_a_quota_lets_in_only_afterwards_is_evicted() -> None:
    cycle = replace(placed(), quota_beside=lambda view, pods, sizes: "ResourceQuota q refuses")
    plan = planned(outdated(2), cycle)
    assert isinstance(plan.action, Evict)
    assert plan.action.instead == "ResourceQuota q refuses"
    never = replace(cycle, quota=lambda view, pods, sizes: "ResourceQuota q refuses")
    assert planned(outdated(2), never).standing.reason is Reason.QUOTA


def test_pods_that_nobody_may_disrupt_are_not_handed_over() -> None:
    made = outdated(2)
    word = {"karpenter.sh/do-not-disrupt": "true"}
    one, two = made.pods
    kept = msgspec.structs.replace(
        one, metadata=msgspec.structs.replace(one.metadata, annotations=word)
    )
    plan = planned(replace(made, pods=(kept, two)), placed())
    assert isinstance(plan.action, HandOver)
    assert plan.action.uid == two.metadata.uid


def test_disruption_delete_needs_surge() -> None:
    plan = planned(outdated(2, settings=asked(disruption="delete")), context())
    assert plan.standing.reason is Reason.BAD_ANNOTATION
    assert "scaler.surge.enabled" in plan.standing.message


def test_the_scheduler_is_asked_where_nobody_can_say() -> None:
    cycle = replace(placed(), obstacle=lambda pods, sizes: "cannot be foreseen")
    assert isinstance(planned(outdated(), cycle).action, HandOver)
    evicts = outdated(2, settings=asked(disruption="evict"))
    assert planned(evicts, cycle).standing.reason is Reason.NO_NODE_FITS


def test_a_new_size_is_not_refused_where_the_scheduler_can_be_asked() -> None:
    unknown = Places(unmodelled=lambda p: "required pod affinity")
    cycle = context(no_surge=None, places=unknown, obstacle="cannot be foreseen")
    settings = asked()
    assert isinstance(settings, Settings)
    made = view(pod("web-1"))
    assert surge.obstacle(made, settings, {}, cycle.surge(made)) is None
    assert surge.obstacle(made, settings, {}, replace(cycle, no_surge="no").surge(made)) is not None


def test_no_pod_is_handed_over_while_another_is_held() -> None:
    made = replace(outdated(2), held=(pod("web-0", going=True),))
    plan = planned(made, placed())
    assert isinstance(plan.action, Write | Wait)
    assert plan.standing.phase is Phase.APPLYING


def test_pods_that_are_current_are_not_handed_over() -> None:
    made = view(injected("web-1", SIZE), status=STATUS)
    assert not isinstance(planned(made, placed()).action, HandOver)
