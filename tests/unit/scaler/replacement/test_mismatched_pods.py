"""Pods whose values somebody rewrites: the workload stops after one, and retries later."""

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.model import Evict, Wait, Write
from scaler.replacement import mismatched_pods
from store.model import Status
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import NGINX, NOW, injected, owner, pod, size, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned
from tests.unit.scaler.troubled import looping

SIZE = stored(3)
LINE = Change(timestamps.text(NOW - 60), 3, "nginx", "cpu", "500m", "1", Reason.DOUBLED)
WAIT = BackOff(1, timestamps.text(NOW + 100), Reason.REWRITTEN)
OVER = BackOff(1, timestamps.text(NOW), Reason.REWRITTEN)
AHEAD = BackOff(1, timestamps.text(NOW + 9000), Reason.REWRITTEN)


def seen(made: float, wait: BackOff = BackOff(), revision: int = 3) -> View:  # noqa: B008 (frozen)
    late = pod("late", stamp_of=(revision, NGINX), created=timestamps.text(made))
    status = Status(size=SIZE, changes=(LINE,), backoff=wait)
    return view(injected("a", SIZE), late, status=status)


@pytest.mark.parametrize(
    ("made", "wait", "failed"),
    [
        (NOW - 20, BackOff(), True),
        (NOW - 20, WAIT, False),
        (NOW - 20, OVER, None),
        (NOW, OVER, True),
        (NOW - 20, AHEAD, True),
    ],
    ids=["the first", "in back-off", "a trial is due", "the trial", "a clock that was ahead"],
)
def test_pods_whose_size_somebody_rewrote(made: float, wait: BackOff, failed: bool | None) -> None:
    late = seen(made, wait)
    stop = mismatched_pods.stop(late, [late.states[1]], frozenset(), NOW)
    assert (stop.failed if stop else None) is failed
    assert stop is None or stop.reason is Reason.REWRITTEN


def test_three_of_those_that_came_without_the_size_are_named() -> None:
    pods = [pod(name, created=timestamps.text(NOW - 20)) for name in "abcd"]
    late = view(*pods, status=Status(size=SIZE, changes=(LINE,)))
    stop = mismatched_pods.stop(late, [*late.states], frozenset(), NOW)
    assert stop and stop.message == (
        "created without the stored size: a, b, c; the webhook was not called"
    )


def test_the_back_off_of_a_rewritten_size_does_not_hold_back_another() -> None:
    older = seen(NOW - 90, WAIT, revision=2)
    assert mismatched_pods.stop(older, [older.states[1]], frozenset(), NOW) is None
    unseen = seen(NOW - 90, replace(WAIT, reason=Reason.WEBHOOK_UNVERIFIED), revision=2)
    stop = mismatched_pods.stop(unseen, [unseen.states[1]], frozenset(), NOW)
    assert stop and stop.reason is Reason.BACKING_OFF


def test_a_rewritten_size_gets_one_trial_after_each_back_off() -> None:
    late = seen(NOW - 30)
    first = planned(late)
    assert isinstance(first.action, Write)
    assert first.action.status.backoff == backoff.failed(
        BackOff(), NOW, Reason.REWRITTEN, first.standing.message
    )
    late = carried_out(late, first)
    plan = planned(late)
    assert plan.standing.reason is Reason.REWRITTEN and "tried again after" in plan.standing.message
    late = carried_out(late, plan)
    for second in range(0, 300, 50):
        assert not isinstance(planned(late, context(now=NOW + second)).action, Evict | Write)
    trial = planned(late, context(now=NOW + 300))
    assert isinstance(trial.action, Evict)
    again = pod("again", stamp_of=(3, NGINX), created=timestamps.text(NOW + 302))
    late = replace(carried_out(late, trial), pods=(injected("a", SIZE), again))
    second_failure = planned(late, context(now=NOW + 310)).action
    assert isinstance(second_failure, Write) and second_failure.status.backoff.failures == 2
    well = replace(late, pods=(injected("a", SIZE), injected("b", SIZE)))
    done = planned(well, context(now=NOW + 310))
    assert isinstance(done.action, Write) and done.action.status.backoff == BackOff()


def test_a_rewritten_pod_that_crash_loops_is_no_exception() -> None:
    """It was evicted every twenty seconds, and came back as it was."""

    def made(at: float) -> View:
        late = pod(
            "late", {"nginx": size((1, 2))}, stamp_of=(3, NGINX), created=timestamps.text(at)
        )
        status = Status(size=SIZE, changes=(LINE,))
        return view(injected("a", SIZE), looping(late), status=status)

    first = planned(made(NOW - 30))
    assert isinstance(first.action, Write)
    assert first.action.status.reason is Reason.REWRITTEN
    waiting = carried_out(made(NOW - 30), first)
    assert not isinstance(planned(waiting, context(now=NOW + 299)).action, Evict)
    assert isinstance(planned(waiting, context(now=NOW + 300)).action, Evict)


def test_what_our_own_webhook_refused_was_not_rewritten_by_somebody() -> None:
    """It saw a Guaranteed pod; the proxy came later, and made it Burstable."""
    came = {"nginx": size((500, 500), (64, 64))}
    there = {**came, "proxy": size((None, None), (None, None))}
    stored_size = stored(3, came=came)
    left = pod("late", there, stamp_of=(3, came), created=timestamps.text(NOW - 20))
    status = Status(size=stored_size, changes=(LINE,))
    found = view(left, status=status, whose=owner(came, replicas=1))
    assert mismatched_pods.stop(found, [*found.states], frozenset(), NOW) is None
    plan = planned(found)
    assert plan.standing.reason is not Reason.REWRITTEN


@pytest.mark.parametrize(
    ("wait", "revision", "tried"),
    [(BackOff(), 3, True), (WAIT, 3, True), (OVER, 3, False), (WAIT, 2, False)],
    ids=["it failed", "in the back-off", "another is due", "it never had the size"],
)
def test_a_failed_trial_is_left_alone(wait: BackOff, revision: int, tried: bool) -> None:
    late = seen(NOW - 20, wait, revision)
    assert mismatched_pods.tried(late, late.states[1], NOW) is tried
    assert mismatched_pods.tried(seen(NOW, OVER), seen(NOW, OVER).states[1], NOW), "as it ended"
    older = seen(NOW - 900, WAIT, revision)
    assert mismatched_pods.tried(older, older.states[1], NOW) is (revision == 3)


def test_a_pod_that_somebody_resized_since_was_not_rewritten() -> None:
    resized = pod("late", {"nginx": size((9, 9))}, stamp_of=(3, NGINX), generation=2)
    status = Status(size=SIZE, changes=(LINE,))
    plan = planned(view(resized, injected("b", SIZE), status=status))
    assert plan.standing.reason is not Reason.REWRITTEN
    assert isinstance(plan.action, Write | Wait)
