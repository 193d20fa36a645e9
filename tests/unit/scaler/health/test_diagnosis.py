"""Does the stored size still work? The table of diagnosis.py."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from scaler.feasibility.rescheduling import Places
from store.model import ContainerSize, Sizes
from tests.unit.scaler.builders import NGINX, injected, owner, pod, size
from tests.unit.scaler.rollbacks import (
    LARGE,
    LINE,
    PROVEN,
    SMALL,
    STATUS,
    UNHEALTHY,
    WELL,
    Case,
    goes_back,
    most,
    room_for,
)
from tests.unit.scaler.troubled import ago, looping, pending, starting

FRESH = replace(LINE, at=ago(9))
HALF = size((500, 1000), (32, 32))
PARTLY = pod(
    "web-1",
    {"nginx": size((1, 2), (32, 32))},
    stamp_of=(3, NGINX),
    created=ago(100),
    nodeName="node",
)
PARTLY_STORED = replace(
    STATUS, size=replace(LARGE, containers=(ContainerSize("nginx", HALF, NGINX["nginx"]),))
)


def room_of(name: str) -> Callable[..., str | None]:
    """A quota that is full, but for what this pod gives back."""
    return lambda seen, pods, sizes: None if pods[0].metadata.name == name else "full"


REFUSED = {
    "type": "ReplicaFailure",
    "status": "True",
    "reason": "FailedCreate",
    "message": 'pods "web-1" is forbidden: no more cpu than 700m',
    "lastTransitionTime": ago(90),
}


def missing(sizes: Sizes = NGINX, **condition: str) -> Mapping[str, Any]:
    """One of three pods cannot be made."""
    status = {"conditions": [{**REFUSED, **condition}]}
    return {"whose": owner(sizes, replicas=3, status=status)}


def stale(words: str) -> Mapping[str, Any]:
    """An owner's last refusal by rules that we read ourselves, and that refuse nothing now."""
    return missing(message=f'pods "web-1" is forbidden: {words}')


UNMODELLED = {"places": Places(unmodelled=lambda pod: "a claim")}
CASES = [
    Case("nothing is wrong", UNHEALTHY, None),
    Case("crash-loops, and some of the size was rewritten", looping(PARTLY), 2, PARTLY_STORED),
    Case("crash-loops, and all of the size was rewritten", looping(PARTLY), None, STATUS),
    Case("crash-loops with the proven size", looping(UNHEALTHY), None, PROVEN),
    Case("is not Ready in time", starting(UNHEALTHY, since=90), 2),
    Case("crash-loops, and the store says something else", looping(injected("a", SMALL)), None),
    Case("there is room by now", pending(UNHEALTHY), None, cycle={"obstacle": room_for(500)}),
    Case("nobody can say, but the scheduler has", pending(UNHEALTHY), 2, cycle=UNMODELLED),
    Case(
        "it lacks something else",
        pending(UNHEALTHY, "4 Insufficient memory"),
        None,
        cycle=UNMODELLED,
    ),
    Case("its volume is elsewhere", pending(UNHEALTHY, "volume conflict"), None, cycle=UNMODELLED),
    Case("a LimitRange came since", WELL, 2, around=most("800m")),
    Case(
        "the same, and the first pod would find no node anyway",
        pending(UNHEALTHY),
        2,
        around=most("800m"),
        cycle={
            "places": Places(unschedulable=lambda p, sizes: None if p.spec.node_name else "no room")
        },
    ),
    Case(
        "the same, and a quota has room only for what the other gives back",
        pod("web-1", nodeName="node"),
        2,
        around=most("800m"),
        cycle={"quota_now": room_of("web-2")},
    ),
    Case("a policy of somebody refuses it", WELL, 0, around=missing()),
    Case("the same, in words that name memory", WELL, 0, around=missing(message="no memory")),
    Case("the same, in any words", WELL, 0, around=missing(message="above the house limit")),
    Case("the same, a moment ago", WELL, None, around=missing(lastTransitionTime=ago(9))),
    Case("the size is newer", WELL, None, replace(STATUS, changes=(FRESH,)), around=missing()),
    Case("it cannot remove a pod", WELL, None, around=missing(reason="FailedDelete")),
    Case("that is over", WELL, None, around=missing(status="False")),
    Case("of another template", WELL, None, around=missing({"nginx": size((350, 1050))})),
    Case("a LimitRange did", WELL, None, around=stale("maximum cpu usage per Container is 300m")),
    Case("a quota did", WELL, None, around=stale("exceeded quota: few, used: limits.cpu=1")),
]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_which_sizes_are_to_blame(case: Case) -> None:
    goes_back(case)
