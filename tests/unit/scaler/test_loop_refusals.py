"""The loop where the API server, a budget or the webhook refuses: reported once, and retried."""

import pytest

from kube.errors import BUDGET, Conflict, Forbidden, TooMany, Unreachable
from store.model import Phase
from store.reasons import Reason
from tests.fakecluster import FakeCluster
from tests.unit.scaler.world import PODS, World


def test_a_conflict_on_the_status_is_read_again(hot: World) -> None:
    hot.api.conflicts = 3
    hot.cycle(12)
    assert hot.limits() == ["1", "1"] and hot.status.phase is Phase.SETTLED


def test_a_watch_that_expired_is_listed_again(hot: World) -> None:
    hot.api.expired = True
    hot.cycle(10)
    assert hot.limits() == ["1", "1"]


def test_a_disruption_budget_is_reported_once_and_waited_for(hot: World) -> None:
    hot.api.budget = True
    hot.cycle(3)
    before = list(hot.api.writes)
    hot.cycle(20)
    assert [w for w in hot.api.writes[len(before) :] if "eviction" not in w] == []
    assert (hot.status.phase, hot.status.reason) == (Phase.BLOCKED, Reason.DISRUPTION_BUDGET)
    assert hot.status.restarts.count == 0, "a refusal uses up no restart"
    assert hot.limits() == ["500m", "500m"]
    assert hot.events().count(("DisruptionBudget", "Warning")) == 1
    hot.api.budget = False
    hot.cycle(40)
    assert hot.limits() == ["1", "1"] and hot.status.restarts.count == 2


def test_a_disruption_budget_is_not_asked_in_every_cycle(hot: World) -> None:
    """A busy cluster wakes the loop many times a second."""
    hot.api.budget = True
    hot.cycle(3)
    before = hot.api.calls
    hot.cycle(20, seconds=0.05)
    assert hot.api.calls == before


def test_a_webhook_that_does_not_answer_is_reported_once_and_no_pod_replaced(hot: World) -> None:
    hot.api.asked = False
    hot.cycle(3)
    before = list(hot.api.writes)
    hot.cycle(20)
    assert hot.api.writes == before
    assert (hot.status.phase, hot.status.reason) == (Phase.BLOCKED, Reason.WEBHOOK_UNVERIFIED)
    assert hot.limits() == ["500m", "500m"]
    assert hot.events().count(("WebhookUnverified", "Warning")) == 1
    assert {c.type: c.status for c in hot.status.conditions}["WebhookVerified"] == "False"
    hot.api.asked = True
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (
            TooMany("TooManyRequests", "the last one just went", 0.0, [BUDGET]),
            Reason.DISRUPTION_BUDGET,
        ),
        (
            Unreachable(500, "InternalError", "This pod has more than one PodDisruptionBudget"),
            Reason.DISRUPTION_BUDGET,
        ),
        (Unreachable(503, "ServiceUnavailable", "starting"), Reason.PENDING_REPLACEMENT),
        (Forbidden(403, "Forbidden", "no right"), Reason.REFUSED),
        (Conflict(409, "Conflict", "another UID"), Reason.PENDING_REPLACEMENT),
        (ZeroDivisionError("a bug in podtailor"), Reason.PENDING_REPLACEMENT),
    ],
    ids=["a budget meanwhile", "several budgets", "server", "right", "uid", "bug"],
)
def test_a_refusal_after_the_claim_is_survived(
    hot: World, refusal: Exception, reason: Reason
) -> None:
    hot.api.refusal = refusal
    hot.cycle(3)
    assert hot.limits() == ["500m", "500m"] and hot.status.reason is reason
    hot.api.refusal = None
    hot.cycle(8)
    assert hot.limits() == ["1", "1"] and hot.status.phase is Phase.SETTLED


class ProbedOnly(FakeCluster):
    """Answers probes, but is never asked for the workload's pods: a selector that is wrong."""

    def settle(self, ready: bool | None = None) -> None:
        self.asked = False
        super().settle(ready)
        self.asked = True


def test_pods_that_come_without_their_size_are_not_replaced_again_and_again(hot: World) -> None:
    hot.api.__class__ = ProbedOnly
    hot.cycle(4)
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    assert hot.status.backoff.failures == 1
    hot.cycle(20)
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids
    assert hot.status.reason is Reason.BACKING_OFF
    hot.cycle(20)  # the five minutes are over: one more is tried
    assert hot.status.backoff.failures == 2
    hot.api.__class__ = FakeCluster
    hot.cycle(80)
    assert hot.limits() == ["1", "1"]
    assert hot.status.backoff.failures == 0


def test_a_watch_of_pods_that_is_behind_causes_no_second_replacement(hot: World) -> None:
    """The eviction is answered before the watch reports it."""
    hot.cycle()
    stale = hot.observer.pods.snapshot()
    hot.cycle()
    hot.observer.pods.snapshot = lambda: stale  # type: ignore[method-assign]
    for _ in range(5):
        hot.loop.cycle(hot.now)
    assert hot.limits() == ["1", "500m"] and hot.status.restarts.count == 1
