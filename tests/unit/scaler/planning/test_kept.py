"""Which plans stand: the table of kept.py."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster.view import View
from scaler.model import Plan, Standing, Wait, Write
from scaler.planning.kept import Ground, Moment, stands
from store.model import Phase, Status
from store.reasons import Reason
from store.records import BackOff
from tests.unit.scaler import shapes
from tests.unit.scaler.builders import NOW, injected, owner, pod, stored, view
from tests.unit.scaler.snapshots import snapshot

SIZE = stored()
STATUS = Status(size=SIZE)


def seen(*pods: objects.Pod, status: Status = STATUS, **more: Any) -> View:
    return view(*(pods or (injected("a", SIZE), injected("b", SIZE))), status=status, **more)


def planned(action: Any = None, phase: Phase = Phase.SETTLED, **more: Any) -> Plan:
    standing = Standing(phase, Reason.IN_BOUNDS, "")
    return Plan(view().workload, standing, action or Wait(), **more)


@pytest.mark.parametrize("phase", [Phase.SETTLED, Phase.OBSERVING])
def test_with_nothing_to_do_and_nothing_under_way_it_stands(phase: Phase) -> None:
    assert stands(seen(), planned(phase=phase), NOW)


@pytest.mark.parametrize(
    "plan",
    [
        planned(phase=Phase.BLOCKED),
        planned(phase=Phase.APPLYING),
        planned(phase=Phase.ROLLED_BACK),
        planned(in_flight=True),
        planned(Write(view().workload, STATUS, "1")),
    ],
    ids=["blocked", "applying", "rolled-back", "in-flight", "to-be-written"],
)
def test_where_something_is_to_be_done_or_stands_in_the_way_it_does_not(plan: Plan) -> None:
    assert not stands(seen(), plan, NOW)


A = injected("a", SIZE)
WAITS = {"minReadySeconds": 60}


@pytest.mark.parametrize(
    "one",
    [
        seen(A, injected("b", SIZE, ready=False)),
        seen(A, injected("b", SIZE, going=True)),
        seen(A, pod("b")),
        seen(A, held=(pod("c"),)),
        seen(A, failed=(pod("c"),)),
        seen(A, status=replace(STATUS, backoff=BackOff(1))),
        replace(seen(A), podsize=None),
        replace(seen(A, injected("b", SIZE)), pods=(A,)),
    ],
    ids=["unready", "going", "outdated", "held", "failed", "back-off", "no-podsize", "missing"],
)
def test_where_something_is_under_way_it_does_not(one: View) -> None:
    assert not stands(one, planned(), NOW)


def test_a_pod_is_under_way_until_it_is_available() -> None:
    since = "2026-11-23T20:29:30Z"  # thirty seconds ago
    one = seen(injected("a", SIZE, since=since), whose=owner(replicas=1, spec=WAITS))
    assert not stands(one, planned(), NOW)
    assert stands(one, planned(), NOW + 30)


NODE = shapes.node("n", "4")
SHOT = replace(snapshot(), nodes={("", "n"): NODE})
GROUND = Ground(SHOT)


def with_node(**more: Any) -> Ground:
    made = msgspec.to_builtins(NODE) | more
    return Ground(replace(SHOT, nodes={("", "n"): msgspec.convert(made, objects.Node)}))


def test_a_node_that_says_the_same_once_more_is_the_same_ground() -> None:
    again = replace(NODE, metadata=replace(NODE.metadata, resource_version="99"))
    assert Ground(replace(SHOT, nodes={("", "n"): again})).same(GROUND)


@pytest.mark.parametrize(
    "other",
    [
        with_node(spec={"unschedulable": True}),
        with_node(metadata={"name": "n", "labels": {"a": "b"}}),
        with_node(metadata={"name": "n", "annotations": {"a": "b"}}),
        with_node(status={"conditions": [{"type": "Ready", "status": "False"}]}),
        Ground(replace(SHOT, nodes={})),
        Ground(replace(SHOT, nodes={**SHOT.nodes, ("", "m"): NODE})),
        Ground(replace(SHOT, claims={})),
        Ground(replace(SHOT, quotas={})),
        Ground(replace(SHOT, namespaces=dict(SHOT.namespaces))),
        Ground(SHOT, stopped="the scaler's own Deployment is paused"),
        Ground(SHOT, webhook="no serving pod"),
        Ground(SHOT, repaired=NOW),
    ],
    ids=[
        *("cordoned", "labelled", "annotated", "not-ready", "gone", "come"),
        *("claims", "quotas", "namespaces", "stopped", "webhook", "repaired"),
    ],
)
def test_another_ground(other: Ground) -> None:
    assert not other.same(GROUND)


HERE, THERE = seen(), seen(A, injected("b", SIZE, ready=False))
WITH_A = snapshot(A)


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (Moment(WITH_A, [HERE]), Moment(WITH_A, [HERE]), False),
        (Moment(WITH_A, [HERE]), Moment(replace(WITH_A, pods={**WITH_A.pods}), [HERE]), False),
        (Moment(WITH_A, [HERE]), Moment(WITH_A, [THERE]), True),
        (Moment(WITH_A, [HERE]), Moment(WITH_A, []), True),
        (Moment(WITH_A, []), Moment(WITH_A, [HERE]), True),
        (Moment(WITH_A, [HERE]), Moment(snapshot(), [HERE]), True),
        (Moment(WITH_A, [HERE]), Moment(snapshot(injected("a", SIZE)), [HERE]), True),
    ],
    ids=["same", "another dict", "changed", "gone", "new", "a pod is gone", "a pod of nobody"],
)
def test_a_namespace_has_moved_where_a_pod_or_workload_is_another(
    before: Moment, after: Moment, moved: bool
) -> None:
    assert after.moved(before) == (frozenset({"shop"}) if moved else frozenset())
