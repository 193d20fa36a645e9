"""Is a pod of the workload being replaced already? The table of in_flight.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.cluster.in_flight import complete, not_ready, under_way
from scaler.cluster.terminating import PATIENCE
from scaler.cluster.view import View
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, injected, owner, pod, stored, view

SIZE = stored(3)
STATUS = Status(size=SIZE)
REPLACED = Status(size=SIZE, phase=Phase.APPLYING, reason=Reason.PENDING_REPLACEMENT)
LINGERING = Status(size=SIZE, phase=Phase.SETTLED, reason=Reason.PENDING_REPLACEMENT)
WAITING = Status(size=SIZE, phase=Phase.BLOCKED, reason=Reason.PENDING_REPLACEMENT)
OLD, NEW = pod("old"), injected("new", SIZE)


@dataclass(frozen=True)
class Case:
    """`message`: part of what is reported as in flight; None: nothing is."""

    name: str
    pods: tuple[objects.Pod, ...]
    message: str | None
    status: Status = STATUS
    spec: Mapping[str, Any] = field(default_factory=dict)


def ready_for(seconds: float) -> objects.Pod:
    return injected("new", SIZE, since=timestamps.text(NOW - seconds))


def lingering(name: str) -> objects.Pod:
    ending = pod(name, going=True)
    end = timestamps.text(NOW - PATIENCE - 1)
    return replace(ending, metadata=replace(ending.metadata, deletion_timestamp=end))


STARTS = injected("new", SIZE, ready=False)
CASES = [
    Case("all are there", (OLD, NEW), None),
    Case("one is being deleted", (OLD, injected("new", SIZE, going=True)), "new is still term"),
    Case("an old one is being deleted", (NEW, pod("old", going=True)), "old is still term"),
    Case("an old one lingers, the others are there", (OLD, NEW, lingering("x")), None),
    Case("one lingers, and its replacement starts", (STARTS, lingering("x")), "new is not Ready"),
    Case(
        "one lingers, and no other comes", (NEW, lingering("x")), "1 of 2 pods exist; x", REPLACED
    ),
    Case("the same, and nothing was replaced", (NEW, lingering("x")), None),
    Case("a replaced one lingers, all are Ready", (NEW, OLD, lingering("x")), None, LINGERING),
    Case("a new one starts", (OLD, injected("new", SIZE, ready=False)), "new is not Ready yet"),
    Case("a new one is Ready", (OLD, ready_for(9)), None),
    Case("not for long enough", (OLD, ready_for(9)), "new", spec={"minReadySeconds": 10}),
    Case(
        "an old one that has just become Ready",
        (NEW, replace(ready_for(9), metadata=replace(OLD.metadata, name="old", uid="uid-old"))),
        "old is not Ready yet",
        spec={"minReadySeconds": 10},
    ),
    Case("for long enough", (OLD, ready_for(10)), None, spec={"minReadySeconds": 10}),
    Case("an old one is not Ready", (NEW, pod("old", ready=False)), None),
    Case("one is missing", (NEW,), None),
    Case("an old one starts after a replacement", (NEW, pod("old", ready=False)), "old", REPLACED),
    Case("one is missing after a replacement", (NEW,), "1 of 2 pods", REPLACED),
    Case("all are there after a replacement", (OLD, NEW), None, REPLACED),
    Case("one is missing while its turn has not come", (NEW,), None, WAITING),
]


def seen(case: Case) -> View:
    whose = owner(replicas=2, spec=dict(case.spec))
    return view(*case.pods, status=case.status, whose=whose)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_pod_is_in_flight(case: Case) -> None:
    workload = seen(case)
    outdated = [s for s in workload.states if s.name == "old"]
    got = under_way(workload, outdated, NOW)
    assert (got is None) if case.message is None else (got is not None and case.message in got), got


def test_a_node_that_is_not_ready_is_named() -> None:
    away = pod("old", ready=False, nodeName="node-2")
    seen = view(away, injected("new", SIZE), status=STATUS)
    assert not_ready(seen, (), lambda p: True, NOW) == "not Ready: old; node node-2 is not Ready"
    assert not_ready(seen, (), lambda p: False, NOW) == "not Ready: old"


@pytest.mark.parametrize(
    ("pods", "whole"),
    [
        ((OLD, NEW), True),
        ((NEW,), False),
        ((OLD, STARTS), False),
        ((OLD, NEW, lingering("x")), False),
    ],
    ids=["all", "one is missing", "one starts", "one is going"],
)
def test_whether_all_are_there(pods: tuple[objects.Pod, ...], whole: bool) -> None:
    assert complete(view(*pods, whose=owner(replicas=2), status=STATUS)) is whole
