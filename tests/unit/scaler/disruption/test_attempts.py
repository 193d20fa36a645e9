"""How soon the next attempt follows a refusal."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from scaler.disruption.attempts import AGAIN, Pace
from scaler.model import Evict, Outcome, Resize
from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, owner, stored, view, workload

BUDGET = Outcome(done=False, reason=Reason.DISRUPTION_BUDGET)


def evict(uid: str = "a", revision: int = 1) -> Evict:
    return Evict(workload(), "web-1", uid, stored(revision), Status(), "1")


def attempts(reason: Reason | None, seconds: int = 300, interval: int = 5) -> list[float]:
    """The pauses between attempts of a loop that runs each interval and is always refused."""
    pace, at = Pace(), []
    for passed in range(0, seconds, interval):
        if not pace.early(evict(), NOW + passed):
            at.append(float(passed))
            pace.refused(evict(), NOW + passed, Outcome(done=False, reason=reason))
    return [b - a for a, b in pairwise(at)]


def test_a_budget_is_asked_less_and_less_often_but_at_least_each_half_minute() -> None:
    pauses = attempts(Reason.DISRUPTION_BUDGET)
    assert pauses[:3] == [10, 15, 25]
    assert pauses == sorted(pauses) and pauses[-1] <= 30
    assert attempts(Reason.DISRUPTION_BUDGET, interval=1)[:5] == [6, 12, 24, 24, 24]


@pytest.mark.parametrize("reason", [Reason.WEBHOOK_UNVERIFIED, None])
def test_a_webhook_is_asked_again_within_half_a_minute(reason: Reason | None) -> None:
    assert attempts(reason, interval=1)[:5] == [6, 12, 24, 24, 24]


@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.TEMPLATE_CHANGED])
def test_what_only_somebody_else_ends_is_asked_at_most_ten_times_in_ten_minutes(
    reason: Reason,
) -> None:
    pauses = attempts(reason, seconds=3600, interval=1)
    assert pauses[:6] == [6, 12, 24, 48, 96, 192] and set(pauses[6:]) == {300}


def test_a_pause_does_not_shrink_where_the_same_fails_in_another_way() -> None:
    pace = Pace()
    for reason in (*[Reason.REFUSED] * 5, None):
        pace.refused(evict(), NOW, Outcome(done=False, reason=reason))
    assert pace.early(evict(), NOW + 95)
    assert not pace.early(evict(), NOW + 96)


def test_an_edit_of_the_owner_is_asked_about_at_once_and_the_pauses_start_again() -> None:
    pace, refusal = Pace(), Outcome(done=False, reason=Reason.TEMPLATE_CHANGED)
    before, after = (view(whose=owner(metadata={"generation": g})) for g in (1, 2))
    for passed in (0, 6, 18):
        assert not pace.early(evict(), NOW + passed, before)
        pace.refused(evict(), NOW + passed, refusal, before)
    assert pace.early(evict(), NOW + 19, before)
    assert not pace.early(evict(), NOW + 19, after)
    pace.refused(evict(), NOW + 19, refusal, after)
    assert pace.early(evict(), NOW + 24, after)
    assert not pace.early(evict(), NOW + 25, after)


def test_another_pod_another_size_and_a_granted_attempt_start_the_pauses_again() -> None:
    pace = Pace()
    for step in range(3):
        pace.refused(evict(), NOW + step, BUDGET)
    assert pace.early(evict(), NOW + 20)
    assert not pace.early(evict("b"), NOW + 20)
    assert not pace.early(evict(revision=2), NOW + 20)
    assert not pace.early(evict(), NOW - 1), "a clock that steps back holds nobody up"
    pace.refused(evict("b"), NOW, BUDGET)
    assert not pace.early(evict("b"), NOW + 6)
    pace.granted(evict("b"))
    assert not pace.early(evict("b"), NOW)


A = Evict(workload(), "a", "uid-a", stored(1), Status(), "7")


@pytest.mark.parametrize(
    ("action", "age", "early"),
    [
        (A, 0, True),
        (A, AGAIN - 0.1, True),
        (A, AGAIN, False),
        (A, -60, False),
        (replace(A, uid="uid-b"), 0, False),
        (replace(A, size=stored(2)), 0, False),
        (replace(A, workload=workload("Deployment")), 0, False),
    ],
    ids=[
        "at once",
        "nearly",
        "waited",
        "the clock stepped",
        "another pod",
        "another size",
        "another workload",
    ],
)
def test_the_same_attempt_is_not_repeated_too_soon(action: Evict, age: float, early: bool) -> None:
    pace = Pace()
    pace.refused(A, NOW, Outcome(done=False))
    assert pace.early(action, NOW + age) is early


def test_an_attempt_that_was_granted_is_forgotten() -> None:
    pace = Pace()
    pace.refused(A, NOW, Outcome(done=False))
    pace.granted(A)
    assert not pace.early(A, NOW)


def resize(uid: str = "a", revision: int = 1) -> Resize:
    return Resize(workload(), "web-1", uid, stored(revision), {})


def test_a_resize_that_is_refused_is_remembered_for_that_pod_and_size_and_asked_less_often() -> (
    None
):
    pace, refusal = Pace(), Outcome(done=False, reason=Reason.QUOTA, message="exceeded quota")
    pace.refused(resize(), NOW, refusal)
    assert pace.unresizable("a", 1, NOW + 5) == ("exceeded quota", Reason.QUOTA)
    assert pace.unresizable("a", 2, NOW + 5) is pace.unresizable("b", 1, NOW + 5) is None
    assert pace.unresizable("a", 1, NOW + AGAIN) is None
    assert not pace.early(evict(), NOW + 1), "it is replaced instead, at once"
    pace.refused(resize(), NOW + AGAIN, refusal)
    assert pace.unresizable("a", 1, NOW + AGAIN + 11)


@pytest.mark.parametrize("reason", [Reason.WEBHOOK_UNVERIFIED, None])
def test_a_resize_that_nobody_refuses_is_tried_again_and_nothing_is_replaced_for_it(
    reason: Reason | None,
) -> None:
    pace = Pace()
    for _ in range(3):
        pace.refused(resize(), NOW, Outcome(done=False, reason=reason))
    assert pace.unresizable("a", 1, NOW) is None
    assert pace.early(resize(), NOW + 23)
    assert not pace.early(resize(), NOW + 24)
