"""Workloads with a size that does not work, and what the store goes back to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.cluster.view import View
from scaler.feasibility.rescheduling import Places
from scaler.model import Evict, Plan, Write
from store.model import Apply, Phase, PodSize, Size, Status
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import NOW, asked, injected, size, stored, view
from tests.unit.scaler.cycles import context, planned, using
from tests.unit.scaler.troubled import ago

Sizes = Mapping[str, Size]
SMALL, LARGE = stored(2, {"nginx": size((375, 750))}), stored(3)
LINE = Change(ago(300), 3, "nginx", "cpu", "750m", "1", Reason.DOUBLED)
STATUS = Status(size=LARGE, last_good=SMALL, phase=Phase.APPLYING, changes=(LINE,))
PROVEN = replace(STATUS, last_good=LARGE)
UNHEALTHY = injected("web-1", LARGE, created=ago(100), nodeName="node")
WELL = injected("web-2", LARGE, nodeName="node")
CALM = context(using())


def room_for(millicores: int) -> Callable[[Any, Sizes], str | None]:
    """An obstacle for pods that request more."""

    def obstacle(pods: Any, sizes: Sizes) -> str | None:
        asked_for = sizes["nginx"].requests.cpu or 0
        return f"no node has {asked_for}m" if asked_for > millicores else None

    return obstacle


@dataclass(frozen=True)
class Case:
    """`back`: the revision whose values the store goes back to; 0: the manifest's; None: stays."""

    name: str
    unhealthy: objects.Pod
    back: int | None
    status: Status = STATUS
    asked: Mapping[str, str] = field(default_factory=dict)
    cycle: Mapping[str, Any] = field(default_factory=dict)
    around: Mapping[str, Any] = field(default_factory=dict)


def most(cpu: str) -> Mapping[str, Any]:
    item = {"type": "Container", "max": {"cpu": cpu}}
    found = {"metadata": {"name": "most"}, "spec": {"limits": [item]}}
    return {"limit_ranges": (msgspec.convert(found, objects.LimitRange),)}


def lost(millicores: int) -> Mapping[str, Any]:
    """The pods' nodes are gone, and others have only so much."""
    at_most = room_for(millicores)
    return {"places": Places(unschedulable=lambda pod, sizes: at_most([pod], sizes))}


def rolled_back(plan: Plan) -> Status | None:
    """What is written where the store goes back."""
    action = plan.action
    if plan.standing.reason is not Reason.ROLLED_BACK or not isinstance(action, Write):
        return None
    return action.status


def goes_back(case: Case) -> None:
    """Plan a cycle, and assert which size the store goes back to."""
    cycle = dict(case.cycle)
    seen = view(
        case.unhealthy,
        WELL,
        status=case.status,
        settings=asked(**case.asked),
        **case.around,
    )
    obstacle = cycle.pop("obstacle", lambda pods, sizes: None)
    status = rolled_back(planned(seen, replace(context(using(), **cycle), obstacle=obstacle)))
    if case.back is None:
        assert status is None
        return
    assert status is not None and status.size is not None
    assert status.size.containers == (SMALL.containers if case.back else ())


BACK = replace(SMALL, revision=4, apply=Apply.NEW)
GONE_BACK = replace(
    STATUS,
    size=BACK,
    phase=Phase.ROLLED_BACK,
    reason=Reason.ROLLED_BACK,
    message="why",
    changes=(Change(ago(5), 4, "nginx", "cpu", "1", "750m", Reason.ROLLED_BACK), LINE),
    backoff=BackOff(1, timestamps.text(NOW + 295)),
)


def taken(plan: Plan) -> str | None:
    action = plan.action
    return action.pod if isinstance(action, Evict) else None


def podsize_of(seen: View) -> PodSize:
    assert seen.podsize is not None
    return seen.podsize
