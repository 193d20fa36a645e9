"""The breaker and the other ceilings of the whole cluster."""

from dataclasses import replace
from typing import Any

import pytest

from kube import timestamps
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.disruption import circuit_breaker, cluster_limits
from scaler.disruption.circuit_breaker import Terms
from scaler.disruption.cluster_limits import Activity, ClusterLimits
from store.model import BackOff, Phase, Status, Workload
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, injected, pod, stored, view

R = Reason
SIZE = stored(3)


def failed(name: str, ago: float, reason: R = R.WEBHOOK_UNVERIFIED, times: int = 1) -> View:
    """A workload whose last failure was so many seconds ago."""
    last = backoff.failed(BackOff(times - 1), NOW - ago, reason)
    seen = view(pod("old"), status=Status(size=SIZE, backoff=last))
    return replace(seen, workload=Workload("v1", "ReplicationController", "shop", name))


def well(made: float, **more: Any) -> View:
    """A workload with a pod that has its size."""
    return view(
        injected("a", SIZE, created=timestamps.text(made), **more), status=Status(size=SIZE)
    )


THREE = [failed("a", 10), failed("b", 60), failed("c", 590)]

TRIPPED = [
    ("no failures", [well(NOW)], False),
    ("two", THREE[:2], False),
    ("three", THREE, True),
    ("three, the last of many each", [failed(n, 5, times=9) for n in "abc"], True),
    ("one is too long ago", [*THREE[:2], failed("c", 601)], False),
    ("one was written by a clock that is ahead", [*THREE[:2], failed("c", -30)], True),
    ("one failed otherwise", [*THREE[:2], failed("c", 5, R.ROLLED_BACK)], False),
    ("others did well before", [*THREE, well(NOW - 10)], True),
    ("one has done well since", [*THREE, well(NOW - 8)], False),
    ("it is not Ready", [*THREE, well(NOW - 8, ready=False)], True),
    (
        "a pod came since without its size",
        [*THREE, view(pod(created=timestamps.text(NOW - 1)))],
        True,
    ),
]


@pytest.mark.parametrize(("name", "views", "trips"), TRIPPED, ids=[t[0] for t in TRIPPED])
def test_workloads_that_fail_alike_trip_it(name: str, views: list[View], trips: bool) -> None:
    assert (circuit_breaker.tripped(views, Terms(), NOW) is not None) is trips


def test_it_says_who_failed_and_how() -> None:
    told = circuit_breaker.tripped(THREE, Terms(), NOW) or ""
    assert "3 workloads failed alike (WebhookUnverified)" in told
    assert "shop/ReplicationController/a" in told


def test_its_terms_are_settings() -> None:
    assert circuit_breaker.tripped(THREE[:2], Terms(2, 30), NOW) is None
    assert circuit_breaker.tripped(THREE[:2], Terms(2, 70), NOW)


HELD = [
    ("nothing else goes on", Activity(0, 0), None),
    ("two in flight", Activity(2, 0), None),
    ("three in flight", Activity(3, 0), R.PENDING_REPLACEMENT),
    ("59 restarts", Activity(0, 59), None),
    ("60 restarts", Activity(0, 60), R.RESTART_BUDGET),
    ("the budget is told before the turn", Activity(3, 60), R.RESTART_BUDGET),
    ("tripped: the first trial", Activity(0, 0, "alike"), None),
    ("tripped: one is in flight", Activity(1, 0, "alike"), R.BREAKER),
    ("tripped: a trial a moment ago", Activity(0, 0, "alike", 59.0), R.BREAKER),
    ("tripped: a trial a minute ago", Activity(0, 0, "alike", 60.0), None),
    ("tripped: the clock has stepped back", Activity(0, 0, "alike", -9.0), None),
    ("tripped: a trial uses up the budget too", Activity(0, 60, "alike"), R.RESTART_BUDGET),
]


@pytest.mark.parametrize(("name", "now", "reason"), HELD, ids=[h[0] for h in HELD])
def test_what_a_due_pod_waits_for(name: str, now: Activity, reason: R | None) -> None:
    told = cluster_limits.blocked(now, ClusterLimits())
    assert (told and told.reason) is reason
    assert told is None or (told.phase is Phase.BLOCKED and told.message)


def test_a_pod_that_is_taken_counts_within_the_cycle() -> None:
    now = Activity(2, 59)
    now.count()
    assert (now.in_flight, now.restarts) == (3, 60)
