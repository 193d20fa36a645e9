"""Which pods are unhealthy: every row of unhealthy_pods.py's table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.health.startup_deadline import Deadline
from scaler.health.unhealthy_pods import unhealthy
from store.model import Status
from tests.unit.scaler.builders import NOW, injected, owner, pod, stored, view
from tests.unit.scaler.troubled import (
    TOO_LITTLE,
    ago,
    between,
    looping,
    pending,
    placed,
    started,
    starting,
)


def gated(of: objects.Pod) -> objects.Pod:
    """Nobody has looked for a node, as somebody has set a gate."""
    waiting = pending(of, "Scheduling is blocked due to non-empty scheduling gates")
    gate = msgspec.convert({"schedulingGates": [{"name": "example.com/quota"}]}, objects.PodSpec)
    gates = gate.scheduling_gates
    return replace(waiting, spec=replace(waiting.spec, scheduling_gates=gates))


SIZE = stored(3)
STATUS = Status(size=SIZE, last_good=stored(2))
UNHEALTHY = injected("web-1", SIZE, created=ago(100))
OLD = injected("web-1", SIZE, created=ago(999))
WELL = started(injected("web-2", SIZE), took=10)
PULL = {"reason": "ImagePullBackOff", "message": "no such image"}
CREATING = {"reason": "ContainerCreating"}


@dataclass(frozen=True)
class Case:
    """`message`: what is reported of the first pod; None: it is healthy."""

    name: str
    pod: objects.Pod
    message: str | None
    status: Status = STATUS
    silent: bool = False
    world: Mapping[str, Any] = field(default_factory=dict)


ROLLING = {"whose": owner(metadata={"generation": 2})}
CASES = [
    Case("Ready", WELL, None),
    Case("waits for a node", pending(UNHEALTHY, since=61), f"is Pending: {TOO_LITTLE}"),
    Case("not for long enough", pending(UNHEALTHY, since=59), None),
    Case("is said to wait for longer than it lives", pending(UNHEALTHY, since=900), "Pending"),
    Case(
        "the same, and it was just made",
        pending(injected("web-1", SIZE, created=ago(5)), since=900),
        None,
    ),
    Case(
        "waits for something else",
        pending(UNHEALTHY, "node(s) had untolerated taint"),
        "untolerated",
    ),
    Case(
        "waits for its scheduling gates",
        gated(injected("web-1", SIZE, created=ago(61))),
        "is Pending: its scheduling gates have not been removed: example.com/quota",
    ),
    Case("not for long enough", gated(injected("web-1", SIZE, created=ago(59))), None),
    Case("waits, with what it came with", pending(pod("web-1", created=ago(100))), None),
    Case(
        "waits with a size that was proven",
        pending(UNHEALTHY),
        "Pending",
        replace(STATUS, last_good=SIZE),
    ),
    Case("waits in a rollout", pending(UNHEALTHY), "Pending", world=ROLLING),
    Case(
        "crash-loops",
        looping(UNHEALTHY),
        "crash-loops: nginx: back-off 20s restarting; last: Error",
    ),
    Case("crashed once or twice", looping(UNHEALTHY, restarts=1), None),
    Case("runs again after crashes", placed(UNHEALTHY, restarts=5, running={}), None),
    Case(
        "runs again, between two crashes",
        between(UNHEALTHY, ended=20),
        "crash-loops: nginx: last: Err",
    ),
    Case("the same, and crashed but twice", between(UNHEALTHY, ended=20, restarts=2), None),
    Case("has not crashed for ten minutes", between(UNHEALTHY, ended=601), None),
    Case(
        "crash-loops with what was proven",
        looping(UNHEALTHY),
        None,
        replace(STATUS, last_good=SIZE),
    ),
    Case("crash-loops at its very first size", looping(UNHEALTHY), "crash", Status(size=SIZE)),
    Case("crash-loops in a rollout", looping(UNHEALTHY), "crash-loops", world=ROLLING),
    Case("crash-loops, as it came", looping(pod("web-1", created=ago(100))), None),
    Case("on a silent node", starting(UNHEALTHY, since=90), None, silent=True),
    Case("is not Ready in time", starting(UNHEALTHY, since=61), "is not Ready after 61 s"),
    Case("is still starting", starting(UNHEALTHY, since=59), None),
    Case("is not created yet", placed(OLD, since=599, waiting=CREATING), None),
    Case("is not created in time", placed(OLD, since=601, waiting=CREATING), "ContainerCreating"),
    Case("its image cannot be had", placed(UNHEALTHY, since=90, waiting=PULL), None),
    Case(
        "has lost its readiness a moment ago",
        placed(started(UNHEALTHY, took=3), since=10, running={}),
        None,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_a_pod_is_unhealthy(case: Case) -> None:
    seen = view(case.pod, WELL, status=case.status, **case.world)
    found = list(unhealthy(seen, lambda pod: case.silent, Deadline(), NOW))
    assert [n.pod.name for n in found] == ([] if case.message is None else ["web-1"])
    assert all(str(case.message) in n.message for n in found)


def test_the_lacking_resources_are_read_off_the_scheduler_s_message() -> None:
    words = "2 Insufficient memory, 1 Insufficient cpu. preemption: 3 Insufficient memory"
    (found,) = unhealthy(view(pending(UNHEALTHY, words), status=STATUS), bool, Deadline(), NOW)
    assert found.lacking == ("memory", "cpu")


def test_a_terminating_pod_is_not_unhealthy() -> None:
    meta = msgspec.structs.replace(UNHEALTHY.metadata, deletion_timestamp=ago(1))
    gone = msgspec.structs.replace(looping(UNHEALTHY), metadata=meta)
    assert not list(unhealthy(view(gone, status=STATUS), lambda pod: False, Deadline(), NOW))


def test_a_pod_of_which_the_kubelet_has_reported_nothing_yet_is_not_unhealthy() -> None:
    silent = msgspec.structs.replace(starting(UNHEALTHY, since=90).status, container_statuses=None)
    waiting = msgspec.structs.replace(starting(UNHEALTHY, since=90), status=silent)
    assert not list(unhealthy(view(waiting, status=STATUS), lambda pod: False, Deadline(), NOW))
