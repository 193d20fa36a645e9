"""Pods that are not Ready for want of CPU are helped by a bigger one beside them, and only they."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster import pod_state
from scaler.model import HandOver, Wait, Write
from scaler.replacement import overload
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import NGINX, asked, injected, owner, pod, size, stored, view
from tests.unit.scaler.cycles import context, planned, using
from tests.unit.scaler.troubled import looping, starting

BIG, SMALL = stored(3), stored(3, {"nginx": size((100, 200))})
STATUS = Status(size=BIG, phase=Phase.BLOCKED, reason=Reason.NOT_READY)
HOT = {"nginx": 480.0}

CASES: list[tuple[str, objects.Pod, Any, dict[str, Any], bool]] = [
    ("at its limit, and it would get more", starting(pod()), BIG, HOT, True),
    ("below 90 % of it", starting(pod()), BIG, {"nginx": 449.0}, False),
    ("it would get less", starting(pod()), SMALL, HOT, False),
    ("it has what is stored", starting(injected("web-1", BIG)), BIG, HOT, False),
    ("nothing is known of its usage", starting(pod()), BIG, {"nginx": Reason.NO_USAGE}, False),
    ("it crash-loops", looping(pod()), BIG, HOT, False),
]


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_a_pod_is_overloaded_where_a_bigger_one_would_help(case: Any) -> None:
    _, made, stored_size, means, yes = case
    got = overload.why(pod_state.of(made, stored_size), using(**means))
    assert (got is not None) is yes, got


def busy(name: str) -> objects.Pod:
    return starting(pod(name), since=300)


def seen(*pods: objects.Pod, status: Status = STATUS, **annotations: Any) -> Any:
    made = view(
        *pods, status=status, whose=owner(replicas=len(pods)), settings=asked(**annotations)
    )
    return replace(made, pods=pods)


SURGES = context(using(**HOT), no_surge=None)


def test_the_only_pod_is_handed_over_though_it_is_not_ready() -> None:
    plan = planned(seen(busy("web-1")), SURGES)
    assert isinstance(plan.action, HandOver) and plan.action.pod == "web-1"


def test_the_one_that_serves_nobody_comes_first() -> None:
    plan = planned(seen(pod("web-1"), busy("web-2")), SURGES)
    assert isinstance(plan.action, HandOver) and plan.action.pod == "web-2"


def test_the_next_one_follows_after_the_first() -> None:
    taken = replace(STATUS, phase=Phase.APPLYING, reason=Reason.PENDING_REPLACEMENT)
    plan = planned(seen(injected("web-1", BIG), busy("web-2"), status=taken), SURGES)
    assert isinstance(plan.action, HandOver) and plan.action.pod == "web-2"


@pytest.mark.parametrize(
    ("pods", "cycle", "annotations"),
    [
        ((busy("web-1"),), context(using(**HOT)), {"single_replica": "restart"}),
        ((busy("web-1"), busy("web-2")), SURGES, {"disruption": "evict"}),
        ((busy("web-1"), busy("web-2")), SURGES, {"disruption": "delete"}),
        ((busy("web-1"), starting(injected("web-2", BIG, NGINX))), SURGES, {}),
        ((busy("web-1"),), context(using(), no_surge=None), {}),
    ],
    ids=["no surge", "evicts", "deletes", "a new one is not Ready either", "another cause"],
)
def test_nothing_is_taken_where_it_could_lose_something(
    pods: tuple[objects.Pod, ...], cycle: Any, annotations: dict[str, Any]
) -> None:
    plan = planned(seen(*pods, **annotations), cycle)
    assert isinstance(plan.action, Write | Wait)
    assert plan.standing.reason in (Reason.NOT_READY, Reason.PENDING_REPLACEMENT)
