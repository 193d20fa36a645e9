"""Pods that are not Ready for want of CPU are helped by a bigger one beside them, and only they."""

from typing import Any

import msgspec
import pytest
from msgspec import structs

from kube import objects
from scaler.cluster import pod_state
from scaler.model import HandOver, Wait, Write
from scaler.replacement import overload
from scaler.usage.window import Minute, NoMinute
from store.model import Phase, Size, Status, StoredSize
from store.reasons import Reason
from tests.unit.scaler.builders import (
    DOUBLED,
    LONG_AGO,
    NGINX,
    NOW,
    asked,
    injected,
    owner,
    pod,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import context, planned, using
from tests.unit.scaler.troubled import looping, starting

BIG, SMALL = stored(3), stored(3, {"nginx": size((100, 200))})
STATUS = Status(size=BIG, phase=Phase.BLOCKED, reason=Reason.NOT_READY)
HOT = {"nginx": 480.0}

ROOMIER = structs.replace(
    BIG, containers=(structs.replace(BIG.containers[0], size=size(memory=(128, 256))),)
)


def made_of(came: Size) -> tuple[objects.Pod, StoredSize]:
    """A pod that came with this size, and a bigger one to be stored for it."""
    sizes = {"nginx": came}
    return starting(pod("web-1", sizes)), stored(3, {"nginx": size((500, None))}, came=sizes)


CASES: list[tuple[str, objects.Pod, Any, dict[str, Any], bool]] = [
    ("at its limit, and it would get more", starting(pod()), BIG, HOT, True),
    ("at just 90 % of it", starting(pod()), BIG, {"nginx": 450.0}, True),
    ("below 90 % of it", starting(pod()), BIG, {"nginx": 449.0}, False),
    ("it would get less", starting(pod()), SMALL, HOT, False),
    ("it would get more memory alone", starting(pod()), ROOMIER, HOT, False),
    ("it has all but nothing", *made_of(size((1, None))), {"nginx": 1.0}, True),
    ("it asks for none", *made_of(size((0, None))), HOT, False),
    ("it has no request and no limit", *made_of(size((None, None))), HOT, False),
    ("it has what is stored", starting(injected("web-1", BIG)), BIG, HOT, False),
    ("nothing is known of its usage", starting(pod()), BIG, {"nginx": Reason.NO_USAGE}, False),
    ("it crash-loops", looping(pod()), BIG, HOT, False),
]


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_a_pod_is_overloaded_where_a_bigger_one_would_help(case: Any) -> None:
    _, made, stored_size, means, yes = case
    got = overload.why(pod_state.of(made, stored_size), using(**means))
    assert (got is not None) is yes, got


def test_each_container_is_looked_at_and_the_one_at_its_limit_is_named() -> None:
    came = {"a-proxy": size(), **NGINX}
    both = stored(3, {name: DOUBLED for name in came}, came=came)
    state = pod_state.of(starting(pod("web-1", came)), both)
    assert overload.why(state, using(nginx=480.0)) == "nginx used 480m of 500m"
    only = stored(3, {"a-proxy": size((100, 200)), "nginx": DOUBLED}, came=came)
    state = pod_state.of(starting(pod("web-1", came)), only)
    assert overload.why(state, using(nginx=480.0)) == "nginx used 480m of 500m"


@pytest.mark.parametrize(("share", "yes"), [(0.9, True), (0.5, False), (None, False)])
def test_bursts_that_are_cut_off_are_a_want_of_cpu_too(share: float | None, yes: bool) -> None:
    minute = Minute(300.0, 60.0, 0, NOW, throttled=share)
    got = overload.why(pod_state.of(starting(pod()), BIG), lambda p, name: minute)
    assert (got is not None) is yes, got


@pytest.mark.parametrize(("times", "yes"), [(2, True), (1, False)])
def test_so_is_being_killed_while_throttled_before_there_is_a_minute(times: int, yes: bool) -> None:
    end = {"reason": "Error", "exitCode": 137, "finishedAt": LONG_AGO}
    one = {"name": "nginx", "restartCount": times, "lastState": {"terminated": end}}
    status = {**one, "state": {"running": {"startedAt": LONG_AGO}}}
    made = starting(pod())
    statuses = msgspec.convert([status], list[objects.ContainerStatus])
    made = structs.replace(made, status=structs.replace(made.status, container_statuses=statuses))
    young = NoMinute(Reason.WARMING_UP, "", 0.9)
    got = overload.why(pod_state.of(made, BIG), lambda p, name: young)
    assert got == ("nginx was throttled in 90 % of its periods" if yes else None)


def busy(name: str) -> objects.Pod:
    return starting(pod(name), since=300)


def seen(*pods: objects.Pod, status: Status = STATUS, **annotations: Any) -> Any:
    made = view(
        *pods, status=status, whose=owner(replicas=len(pods)), settings=asked(**annotations)
    )
    return structs.replace(made, pods=pods)


SURGES = context(using(**HOT), no_surge=None)


def test_the_only_pod_is_handed_over_though_it_is_not_ready() -> None:
    plan = planned(seen(busy("web-1")), SURGES)
    assert isinstance(plan.action, HandOver) and plan.action.pod == "web-1"


def test_the_one_that_serves_nobody_comes_first() -> None:
    plan = planned(seen(pod("web-1"), busy("web-2")), SURGES)
    assert isinstance(plan.action, HandOver) and plan.action.pod == "web-2"


def test_the_next_one_follows_after_the_first() -> None:
    taken = structs.replace(STATUS, phase=Phase.APPLYING, reason=Reason.PENDING_REPLACEMENT)
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
