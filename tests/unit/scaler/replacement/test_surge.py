"""Which pods can be handed over: every row of surge.py's table, and what next_pod.py does then."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import Settings
from scaler.cluster.snapshot import Snapshot
from scaler.feasibility.fit import NodeCapacity
from scaler.feasibility.rescheduling import Nodes, Places
from scaler.model import Evict, HandOver, Wait, Write
from scaler.replacement import surge
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, NGINX, asked, injected, owner, pod, stored, view
from tests.unit.scaler.cycles import context, planned

SIZE = stored(3)
STATUS = Status(size=SIZE)
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
    "a StatefulSet": ({"kind": "StatefulSet"}, {}, placed(), "StatefulSet"),
    "a DaemonSet": ({"kind": "DaemonSet"}, {}, placed(), "DaemonSet"),
    "Recreate": (
        {"kind": "Deployment", "whose": owner(spec={"strategy": {"type": "Recreate"}})},
        {},
        placed(),
        "Recreate",
    ),
    "maxSurge 0": (
        {"kind": "Deployment", "whose": rolling(maxSurge=0, maxUnavailable=1)},
        {},
        placed(),
        "maxSurge is 0",
    ),
    "maxSurge 0%": ({"kind": "Deployment", "whose": rolling(maxSurge="0%")}, {}, placed(), "0"),
    "another controller would adopt it": (
        {},
        {},
        replace(placed(), adopter=lambda pod: "ReplicationController stable"),
        "the selector of ReplicationController stable matches it too: it could adopt the pod",
    ),
    "a volume": ({}, {}, placed(exclusive="volume data is ReadWriteOnce"), "ReadWriteOnce"),
    "no room": ({}, {}, placed(beside="no node has room"), "no node has room"),
    "a quota": (
        {},
        {},
        replace(placed(), quota_beside=lambda view, pods, sizes: "ResourceQuota q refuses"),
        "ResourceQuota",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_workload_can_surge_or_the_reason_why_not(name: str) -> None:
    given, annotations, cycle, why = CASES[name]
    made = view(pod("web-1"), **given)
    settings = asked(**annotations)
    assert isinstance(settings, Settings)
    got = surge.unable(made, settings, made.pods[0], {"nginx": DOUBLED}, cycle.surge(made))
    assert (got is None) == (why is None), got
    assert why is None or why in (got or "")


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


@pytest.mark.parametrize(
    ("modes", "why"),
    [
        (["ReadWriteOnce"], "ReadWriteOnce"),
        (["ReadWriteOncePod"], "ReadWriteOncePod"),
        (["ReadWriteMany"], None),
        (["ReadOnlyMany"], None),
        (None, "unknown"),
    ],
)
def test_a_volume_that_only_one_pod_may_mount_prevents_surge(
    modes: list[str] | None, why: str | None
) -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    claim = objects.Claim(objects.Meta(name="data"), objects.ClaimSpec(modes or []))
    claims = {("shop", "data"): claim} if modes else {}
    known = Snapshot({}, {}, {}, {}, {}, {}, claims=claims)
    got = Nodes(known).places().exclusive(pod("web-1", volumes=volumes))
    assert got == (f"volume data is {why}" if why else None)


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
