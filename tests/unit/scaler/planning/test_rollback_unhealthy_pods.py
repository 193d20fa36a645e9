"""After a rollback: which pods are replaced, whatever else is asked."""

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.model import Evict, Standing, Write
from scaler.planning.recheck import still
from scaler.replacement.prospects import RestartLimits
from store.model import Phase
from store.reasons import Reason
from tests.unit.scaler.builders import (
    NOW,
    asked,
    hand,
    injected,
    owner,
    pod,
    size,
    stored,
    view,
    workload,
)
from tests.unit.scaler.cycles import context, planned, using
from tests.unit.scaler.rollbacks import (
    BACK,
    CALM,
    GONE_BACK,
    LARGE,
    SMALL,
    STATUS,
    UNHEALTHY,
    WELL,
    room_for,
    taken,
)
from tests.unit.scaler.troubled import looping, pending, starting


@pytest.mark.parametrize(
    ("unhealthy", "obstacle", "name"),
    [
        (looping(UNHEALTHY), 500, "web-1"),
        (starting(UNHEALTHY, since=90), 500, "web-1"),
        (starting(UNHEALTHY, since=30), 500, None),
        (UNHEALTHY, 500, None),
        (looping(injected("web-1", BACK)), 500, None),
        (looping(pod("web-1")), 500, None),
        (pending(UNHEALTHY), 400, "web-1"),
        (pending(UNHEALTHY), 500, None),
        (pending(UNHEALTHY), 300, None),
    ],
    ids=[
        *("it crash-loops", "it is not Ready in time", "it is starting", "it is well"),
        *("it has the smaller size", "it has the manifest's", "it fits nowhere"),
        *("it would fit by now", "the smaller one fits nowhere either"),
    ],
)
def test_only_an_unhealthy_pod_that_the_rollback_helps_is_replaced(
    unhealthy: objects.Pod, obstacle: int, name: str | None
) -> None:
    manifest = replace(GONE_BACK, last_good=None)
    cycle = replace(CALM, obstacle=room_for(obstacle))
    seen = view(unhealthy, WELL, status=manifest, settings=asked(single_replica="wait"))
    assert taken(planned(seen, cycle)) == name


@pytest.mark.parametrize(
    "settings", [{"paused": "true"}, {"mode": "initial"}, {"mode": "observe"}], ids=str
)
def test_an_unhealthy_pod_is_replaced_whatever_mode_is_asked_for(settings: dict[str, str]) -> None:
    seen = view(looping(UNHEALTHY), WELL, status=GONE_BACK, settings=asked(**settings))
    assert taken(planned(seen, CALM)) == "web-1"


def test_an_unhealthy_pod_is_replaced_without_a_place_in_flight_or_restarts_left() -> None:
    used = replace(
        GONE_BACK, restarts=replace(GONE_BACK.restarts, hour=timestamps.hour(NOW), count=99)
    )
    plan = planned(view(looping(UNHEALTHY), WELL, status=used), CALM)
    assert isinstance(plan.action, Evict) and plan.action.mends
    assert plan.action.status.restarts.count == 100
    assert not plan.in_flight


def test_the_status_stays_that_of_the_rollback() -> None:
    plan = planned(view(looping(UNHEALTHY), WELL, status=GONE_BACK), CALM)
    assert isinstance(plan.action, Evict)
    status = plan.action.status
    assert (status.phase, status.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
    assert status.message.startswith("web-1 crash-loops")
    expected = Standing(Phase.ROLLED_BACK, Reason.ROLLED_BACK, status.message)
    assert plan.standing == expected
    assert plan.workload == plan.action.workload == workload()


def test_an_unhealthy_pod_is_kept_where_it_would_come_back_from_another_template() -> None:
    behind = owner(spec={"updateStrategy": {"type": "OnDelete"}}, status={"updateRevision": "two"})
    seen = view(pending(UNHEALTHY), WELL, status=GONE_BACK, kind="StatefulSet", whose=behind)
    plan = planned(seen, replace(CALM, obstacle=room_for(400)))
    assert taken(plan) is None
    assert (plan.standing.phase, plan.standing.reason) == (Phase.BLOCKED, Reason.TEMPLATE_CHANGED)
    assert isinstance(plan.action, Write), "and it is said"
    status = plan.action.status
    assert plan.standing == Standing(Phase.BLOCKED, Reason.TEMPLATE_CHANGED, status.message)
    assert status.message == "1 pods are of an older template (OnDelete)"
    assert status.size == BACK
    assert plan.workload == plan.action.workload == seen.workload


def test_a_dry_run_replaces_no_unhealthy_pod() -> None:
    dry = context(using(), limits=RestartLimits(paused="scaler.dryRun is set", dry_run=True))
    assert taken(planned(view(looping(UNHEALTHY), WELL, status=GONE_BACK), dry)) is None


def test_a_pending_pod_is_replaced_where_a_smaller_size_by_hand_would_fit() -> None:
    smaller = replace(
        LARGE, revision=5, containers=stored(5, {"nginx": size((260, 520))}).containers
    )
    status = replace(STATUS, size=smaller)
    seen = view(pending(UNHEALTHY), WELL, status=status, by_hand=[hand(cpu=(260, 520))])
    assert taken(planned(seen, replace(CALM, obstacle=room_for(300)))) == "web-1"


def test_a_pod_that_is_ready_by_now_is_not_replaced_as_unhealthy() -> None:
    """Nothing delays replacing an unhealthy pod: it is exempt from the cluster's budget."""
    newer = replace(LARGE, revision=4, containers=SMALL.containers)
    seen = view(looping(UNHEALTHY), WELL, status=replace(STATUS, size=newer))
    plan = planned(seen, CALM)
    assert isinstance(plan.action, Evict) and plan.action.mends
    assert still(seen, plan, CALM, [looping(UNHEALTHY), WELL])
    again = planned(view(UNHEALTHY, WELL, status=replace(STATUS, size=newer)), CALM)
    assert isinstance(again.action, Evict) and again.action.uid == plan.action.uid
    assert not still(seen, plan, CALM, [UNHEALTHY, WELL])
