"""May a due pod be replaced now? The table of cluster_limits.py."""

import pytest

from scaler.disruption import cluster_limits
from scaler.disruption.cluster_limits import Activity, ClusterLimits
from store.model import Phase
from store.reasons import Reason

R = Reason
HELD = [
    ("nothing else goes on", Activity(0, 0), None),
    ("two in flight", Activity(2, 0), None),
    ("three in flight", Activity(3, 0), R.PENDING_REPLACEMENT),
    ("59 restarts", Activity(0, 59), None),
    ("60 restarts", Activity(0, 60), R.RESTART_BUDGET),
    ("the budget is reported before the turn", Activity(3, 60), R.RESTART_BUDGET),
    ("tripped: the first trial", Activity(0, 0, "alike"), None),
    ("tripped: one is in flight", Activity(1, 0, "alike"), R.BREAKER),
    ("tripped: a trial a moment ago", Activity(0, 0, "alike", 59.0), R.BREAKER),
    ("tripped: a trial a minute ago", Activity(0, 0, "alike", 60.0), None),
    ("tripped: a trial just now", Activity(0, 0, "alike", 0.0), R.BREAKER),
    ("tripped: a trial this second", Activity(0, 0, "alike", 0.5), R.BREAKER),
    ("tripped: the clock has stepped back", Activity(0, 0, "alike", -9.0), None),
    ("tripped: a trial uses up the budget too", Activity(0, 60, "alike"), R.RESTART_BUDGET),
]


@pytest.mark.parametrize(("name", "now", "reason"), HELD, ids=[h[0] for h in HELD])
def test_a_due_pod_waits_for_the_limits_of_the_cluster(
    name: str, now: Activity, reason: R | None
) -> None:
    summary = cluster_limits.blocked(now, ClusterLimits())
    assert (summary and summary.reason) is reason
    assert summary is None or (summary.phase is Phase.BLOCKED and summary.message)


def test_a_pod_that_is_replaced_counts_within_the_cycle() -> None:
    now = Activity(2, 59)
    now.count()
    assert (now.in_flight, now.restarts) == (3, 60)


RESIZED = [
    ("nothing else goes on", Activity(0, 0), None),
    ("no budget of restarts counts it", Activity(0, 60), None),
    ("three in flight", Activity(3, 0), R.PENDING_REPLACEMENT),
    ("tripped: no trial is made of it", Activity(0, 0, "alike"), R.BREAKER),
]


@pytest.mark.parametrize(("name", "now", "reason"), RESIZED, ids=[r[0] for r in RESIZED])
def test_a_pod_that_is_resized_in_place_only_has_to_be_one_of_few(
    name: str, now: Activity, reason: R | None
) -> None:
    summary = cluster_limits.crowded(now, ClusterLimits(), burst=False)
    assert (summary and summary.reason) is reason


def test_for_a_burst_it_does_not_wait_for_others_but_for_the_breaker() -> None:
    assert cluster_limits.crowded(Activity(3, 60), ClusterLimits(), burst=True) is None
    tripped = cluster_limits.crowded(Activity(0, 0, "alike"), ClusterLimits(), burst=True)
    assert tripped and tripped.reason is R.BREAKER
    assert (tripped.phase, tripped.message) == (Phase.BLOCKED, "alike")


def test_the_limit_on_replacements_at_a_time_is_named() -> None:
    waits = cluster_limits.blocked(Activity(3, 0), ClusterLimits())
    assert waits is not None
    assert waits.message.endswith("in progress in the cluster (limit scaler.restarts.inFlight)")
