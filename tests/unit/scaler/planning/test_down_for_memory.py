"""A pod that was killed for want of memory, from the kill to its replacement: whole plans."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.options import Bounds
from scaler.feasibility.rescheduling import Places
from scaler.model import Delete, Evict, HandOver, Plan, Wait, Write
from store.model import Apply, ContainerSize, Phase, Status, StoredSize
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import (
    MI,
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
from tests.unit.scaler.replacement.test_held_pod import replace_controller
from tests.unit.scaler.troubled import ago, placed

MORE = StoredSize(
    2,
    Apply.ALL,
    (ContainerSize("nginx", size((None, None), (128, 256)), NGINX["nginx"]),),
    stored().template,
)
LINE = Change(ago(60), 2, "nginx", "memory", "128Mi", "256Mi", Reason.OOM_KILLED)
GROWN = Status(size=MORE, changes=(LINE,))
END = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": ago(5)}
SURGE: dict[str, Any] = {"no_surge": None}


def down(made: objects.Pod, restarts: int = 3) -> objects.Pod:
    """Its container was killed for want of memory, and waits to be started again."""
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting"}
    return placed(made, restarts=restarts, waiting=waiting, last={"terminated": END})


def plan_of(*pods: objects.Pod, status: Status = GROWN, **more: Any) -> Plan:
    cycle = more.pop("cycle", SURGE)
    return planned(view(*pods, status=status, **more), context(using(), **cycle))


def written(plan: Plan) -> Status:
    assert isinstance(plan.action, Write), plan
    return plan.action.status


def test_the_first_kill_doubles_its_memory() -> None:
    status = written(plan_of(down(pod("web-1"), restarts=1), pod("web-2"), status=Status()))
    assert status.reason is Reason.OOM_KILLED
    assert status.size and status.size.containers[0].size.limits.memory == 256 * MI
    assert status.size.containers[0].size.limits.cpu is None
    assert status.changes[0].reason is Reason.OOM_KILLED


def test_the_next_kill_does_not_wait_for_the_cool_down() -> None:
    recent = replace(GROWN, changes=(replace(LINE, at=ago(10)),))
    status = written(plan_of(down(injected("web-1", MORE)), injected("web-2", MORE), status=recent))
    assert status.size and status.size.containers[0].size.limits.memory == 512 * MI


def test_it_waits_for_a_back_off() -> None:
    waits = BackOff(1, timestamps.text(NOW + 200), "RolledBack")
    plan = plan_of(down(pod("web-1")), pod("web-2"), status=Status(backoff=waits))
    assert [d.reason for d in plan.decisions if d.resource == "memory"] == [Reason.BACKING_OFF]


@pytest.mark.parametrize(
    ("cycle", "has"),
    [
        ({"places": Places(short=lambda pod, at: True)}, NGINX),
        ({}, {"nginx": size(memory=(64, None))}),
    ],
    ids=["its node was short of memory", "it has no limit"],
)
def test_a_kill_by_the_node_is_no_reason(cycle: dict[str, Any], has: Any) -> None:
    pods = down(pod("web-1", has)), pod("web-2", has)
    plan = plan_of(*pods, status=Status(), whose=owner(has), cycle=cycle)
    assert not any(d.target for d in plan.decisions)


def test_memory_max_ends_it_and_nothing_is_rolled_back() -> None:
    pods = down(injected("web-1", MORE)), injected("web-2", MORE)
    plan = plan_of(*pods, cycle={**SURGE, "maxima": Bounds(memory_max=256 * MI)})
    reasons = {d.resource: d.reason for d in plan.decisions}
    assert reasons["memory"] is Reason.AT_MAXIMUM
    assert plan.standing.reason is not Reason.ROLLED_BACK


def test_a_cpu_size_is_not_blamed_for_it() -> None:
    doubled = stored(2)
    status = Status(size=doubled, changes=(Change(ago(300), 2, "nginx", "cpu", "500m", "1",
                                                  Reason.DOUBLED),))  # fmt: skip
    pods = down(injected("web-1", doubled)), injected("web-2", doubled)
    got = written(plan_of(*pods, status=status))
    assert (got.phase, got.reason) == (Phase.APPLYING, Reason.OOM_KILLED)
    blamed = written(plan_of(*pods, status=status, settings=asked(resources="cpu")))
    assert blamed.reason is Reason.ROLLED_BACK, "no policy gives it more memory"


ALONE: list[tuple[str, dict[str, str], dict[str, Any], type]] = [
    ("the only pod", {}, {}, HandOver),
    ("nobody may hand over", {}, {"cycle": {}}, Evict),
    ("paused", {"paused": "true"}, {}, Write),
]


@pytest.mark.parametrize(("name", "options", "more", "action"), ALONE, ids=[a[0] for a in ALONE])
def test_the_only_pod_is_down(
    name: str, options: dict[str, str], more: dict[str, Any], action: type
) -> None:
    plan = plan_of(down(pod("web-1")), settings=asked(**options), **more)
    assert isinstance(plan.action, action)


def test_the_only_pod_that_is_ready_again_waits_where_it_cannot_surge() -> None:
    ready = pod("web-1")
    plan = plan_of(ready, cycle={})
    assert plan.standing.reason is Reason.SINGLE_REPLICA


def test_pods_that_are_down_come_first_and_do_not_wait_for_each_other() -> None:
    taken = replace(GROWN, phase=Phase.APPLYING, reason=Reason.PENDING_REPLACEMENT)
    plan = plan_of(pod("web-1"), down(pod("web-2")), down(pod("web-3")), status=taken)
    assert isinstance(plan.action, HandOver)
    assert plan.action.pod == "web-2"


def test_one_waits_for_a_replacement_that_is_starting() -> None:
    starting = injected("web-1", MORE, ready=False)
    plan = plan_of(starting, down(pod("web-2")))
    assert isinstance(plan.action, Wait | Write)
    assert plan.standing.reason is Reason.PENDING_REPLACEMENT


def test_one_that_must_not_be_disrupted_stays() -> None:
    made = down(pod("web-1"))
    safe = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    kept = msgspec.structs.replace(
        made, metadata=msgspec.structs.replace(made.metadata, annotations=safe)
    )
    plan = plan_of(kept, pod("web-2"))
    assert not isinstance(plan.action, HandOver | Evict)


def test_a_held_pod_that_is_down_is_deleted_at_once() -> None:
    held = replace_controller(down(pod("web-1")))
    plan = plan_of(injected("web-9", MORE, ready=False), held=(held,))
    assert isinstance(plan.action, Delete)
    assert plan.action.at_once
