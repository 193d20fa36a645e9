"""Whose pods cannot be created, and since when: owners without a word of it among them."""

from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.cluster.view import View
from scaler.health.unmade_pods import PATIENCE, refusals, remembered, waited_for
from scaler.model import Write
from store.model import Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import NOW, injected, owner, stored, view
from tests.unit.scaler.cycles import context, planned
from tests.unit.scaler.troubled import ago, starting

LARGE = stored(3)
LINE = Change(ago(300), 3, "nginx", "cpu", "750m", "1", Reason.DOUBLED)
STATUS = Status(size=LARGE, changes=(LINE,))
REFUSED = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": ago(30)}


def stateful(*names: str, wanted: int = 2, **more: Any) -> View:
    """A StatefulSet's pods by name; `spec`: of the owner, `counted`: its own count of pods."""
    pods = [injected(n, LARGE, nodeName="node") for n in names]
    status = {"replicas": more.pop("counted", len(names)), **more.pop("status", {})}
    whose = owner(replicas=wanted, status=status, spec=more.pop("spec", {}))
    seen = view(*pods, status=STATUS, kind="StatefulSet", whose=whose)
    return replace(seen, pods=tuple(pods), **more)


def daemons(*names: str, counted: int) -> View:
    pods = [injected(n, LARGE, nodeName="node") for n in names]
    counts = {"desiredNumberScheduled": 2, "currentNumberScheduled": counted}
    return view(*pods, status=STATUS, kind="DaemonSet", whose=owner(status=counts))


@dataclass(frozen=True)
class Case:
    name: str
    seen: View
    refused: bool


_UNREADY = starting(injected("web-0", LARGE))
CASES = [
    Case("its last pod is missing", stateful("web-0"), True),
    Case("its only pod is missing", stateful(wanted=1), True),
    Case("all are there", stateful("web-0", "web-1"), False),
    Case("its owner still counts it", stateful("web-0", counted=2), False),
    Case("the next waits for one before", replace(stateful("web-0"), pods=(_UNREADY,)), False),
    Case(
        "it waits for none",
        replace(stateful("web-0", spec={"podManagementPolicy": "Parallel"}), pods=(_UNREADY,)),
        True,
    ),
    Case(
        "numbers begin with 5", stateful("web-5", "web-6", spec={"ordinals": {"start": 5}}), False
    ),
    Case("numbers begin with 5, 6 lacks", stateful("web-5", spec={"ordinals": {"start": 5}}), True),
    Case(
        "the newest spec was not seen", stateful("web-0", status={"observedGeneration": 0}), False
    ),
    Case("a daemon is missing", daemons("web-1", counted=1), True),
    Case("its owner counts it", daemons("web-1", counted=2), False),
]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_an_owner_that_says_nothing(case: Case) -> None:
    workload = case.seen.workload
    began = remembered({}, [case.seen], NOW - PATIENCE)
    assert (workload in began) == case.refused
    later = remembered(began, [case.seen], NOW)
    assert later == began
    assert waited_for(case.seen, later) == case.refused
    assert bool([*refusals(case.seen, later, NOW)]) == case.refused
    assert not [*refusals(case.seen, later, NOW - 1)], "it has been given its time"
    action = planned(case.seen, context(missing=later)).action
    assert (isinstance(action, Write) and action.blames) == case.refused


def test_what_is_over_is_forgotten() -> None:
    began = remembered({}, [stateful("web-0")], NOW)
    assert remembered(began, [stateful("web-0", "web-1")], NOW + 1) == {}


def test_a_clock_that_steps_back_begins_again() -> None:
    began = remembered({}, [stateful("web-0")], NOW)
    assert [*remembered(began, [stateful("web-0")], NOW - 99).values()] == [NOW - 99]


def test_a_size_that_was_written_since_is_given_its_own_time() -> None:
    young = replace(STATUS, changes=(replace(LINE, at=timestamps.text(NOW - 5)),))
    refused = owner(replicas=2, status={"conditions": [REFUSED]})
    seen = view(injected("web-1", LARGE), status=young, whose=refused)
    assert not [*refusals(seen, {}, NOW)]
    assert [*refusals(seen, {}, NOW + PATIENCE)]


def test_a_pod_that_is_held_is_the_trial() -> None:
    just = {**REFUSED, "lastTransitionTime": ago(0)}
    refused = owner(replicas=1, status={"conditions": [just]})
    seen = view(status=STATUS, whose=refused)
    seen = replace(seen, pods=())
    assert not [*refusals(seen, {}, NOW)]
    held = replace(seen, held=(injected("web-1", None),))
    assert [*refusals(held, {}, NOW)]


@pytest.mark.parametrize("ahead", ["condition", "size"])
def test_a_time_that_is_in_the_future_holds_nobody_up(ahead: str) -> None:
    since = ago(-3600 if ahead == "condition" else 30)
    status = {"replicas": 1, "conditions": [REFUSED | {"lastTransitionTime": since}]}
    line = replace(LINE, at=ago(-3600 if ahead == "size" else 300))
    seen = view(
        injected("web-1", LARGE),
        status=replace(STATUS, changes=(line,)),
        kind="ReplicaSet",
        whose=owner(replicas=2, status=status),
    )
    missing = remembered({}, [seen], NOW)
    assert not list(refusals(seen, missing, NOW + PATIENCE - 1))
    assert list(refusals(seen, missing, NOW + PATIENCE))
