"""How soon the next attempt follows a refusal."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.disruption.attempts import Pace
from scaler.disruption.pauses import AGAIN, REFUSED_AGAIN
from scaler.model import (
    Action,
    Delete,
    Drain,
    Evict,
    HandBack,
    HandOver,
    Outcome,
    Resize,
    Wait,
    Write,
)
from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, owner, stored, view, workload

BUDGET = Outcome(done=False, reason=Reason.DISRUPTION_BUDGET)


def evict(uid: str = "a", revision: int = 1) -> Evict:
    return Evict(workload(), "web-1", uid, stored(revision), Status(), "1")


def attempts(outcome: Outcome, seconds: int = 2000, action: Action | None = None) -> list[float]:
    """The pauses between attempts of a loop that runs each second, and always comes to that."""
    pace, at = Pace(), []
    for passed in range(seconds):
        if not pace.early(action or evict(), NOW + passed):
            at.append(float(passed))
            pace.refused(action or evict(), NOW + passed, outcome)
    return [b - a for a, b in pairwise(at)]


def no(reason: Reason | None, *, unreached: bool = False, read: bool = False) -> Outcome:
    return Outcome(done=False, reason=reason, unreached=unreached, read=read)


WRITE = Write(workload(), Status(), "1")
PASSING = [6, 18, 54, 162, 300, 300]


@pytest.mark.parametrize(
    ("outcome", "action", "pauses"),
    [
        (no(Reason.DISRUPTION_BUDGET), evict(), [60, 300, 300]),
        (no(Reason.REFUSED), evict(), [60, 300, 300]),
        (no(Reason.REFUSED), WRITE, [60, 300, 300]),
        (no(Reason.TEMPLATE_CHANGED, read=True), evict(), [6, 12, 24, 48, 96, 192, 300, 300]),
        (no(Reason.REFUSED, read=True), evict(), [6, 12, 24, 48, 96, 192, 300, 300]),
        (no(Reason.WEBHOOK_UNVERIFIED), evict(), PASSING),
        (no(Reason.PENDING_REPLACEMENT), evict(), PASSING),
        (no(None), evict(), PASSING),
        (no(None, unreached=True), evict(), [6, 12, 24, 24, 24]),
        (no(None), WRITE, [1, 1, 3, 9, 27, 81, 243, 300, 300]),
        (no(None, unreached=True), WRITE, [1, 1, 3, 8, 8]),
        (no(Reason.REFUSED), Resize(workload(), "web-1", "a", stored(1), {}), [60, 300, 300]),
        (no(Reason.QUOTA), Resize(workload(), "web-1", "a", stored(1), {}), PASSING),
        (no(None), Resize(workload(), "web-1", "a", stored(1), {}), PASSING),
    ],
)
def test_who_refuses_is_asked_less_and_less_often(
    outcome: Outcome, action: Action, pauses: list[float]
) -> None:
    got = attempts(outcome, action=action)
    assert got[: len(pauses)] == pauses
    assert set(got[len(pauses) :]) <= {pauses[-1]}


def test_a_pause_does_not_shrink_where_the_same_fails_in_another_way() -> None:
    pace = Pace()
    for reason in (Reason.REFUSED, Reason.REFUSED, None):
        pace.refused(evict(), NOW, Outcome(done=False, reason=reason))
    assert pace.early(evict(), NOW + 299)
    assert not pace.early(evict(), NOW + 300)


def test_where_an_eviction_is_refused_too_a_hand_over_is_asked_for_as_seldom_as_can_be() -> None:
    pace, seen = Pace(), view(status=Status(size=stored(1)))
    pace.refused(hand_over(), NOW, Outcome(done=False, reason=Reason.REFUSED, message="no"), seen)
    pace.refused(resize(), NOW, Outcome(done=False, reason=Reason.QUOTA, message="full"), seen)
    assert not pace.early(evict(), NOW, seen), "at once"
    assert pace.surge_refused(seen, NOW + 59) == "no"
    assert pace.surge_refused(seen, NOW + 60) is None
    pace.refused(evict(), NOW, BUDGET, seen)
    assert pace.surge_refused(seen, NOW + 299) == "no"
    assert pace.surge_refused(seen, NOW + 300) is None
    assert pace.unresizable(seen, "a", NOW + 299) == ("full", Reason.QUOTA)
    assert pace.unresizable(seen, "a", NOW + 300) is None


def test_each_change_of_what_it_depends_on_ends_the_wait() -> None:
    now = {"rules": 1, "webhook": 1, "budgets": 1}
    pace, seen = Pace(), view(status=Status(size=stored(1)))
    pace.rules = lambda namespace: (now["rules"], now["budgets"])
    pace.webhook = lambda: now["webhook"]
    for reason in (Reason.REFUSED, Reason.WEBHOOK_UNVERIFIED, Reason.DISRUPTION_BUDGET):
        pace.refused(evict(), NOW, Outcome(done=False, reason=reason), seen)
        now["budgets"] += 1
        assert pace.early(evict(), NOW + 1, seen) is (reason is not Reason.DISRUPTION_BUDGET)
        pace.refused(evict(), NOW, Outcome(done=False, reason=reason), seen)
        assert pace.early(evict(), NOW + 1, seen)
        now["webhook"] += 1
        assert pace.early(evict(), NOW + 1, seen) is (reason is not Reason.WEBHOOK_UNVERIFIED)
        pace.refused(evict(), NOW, Outcome(done=False, reason=reason), seen)
        now["rules"] += 1
        assert not pace.early(evict(), NOW + 1, seen)
        pace.refused(evict(), NOW, Outcome(done=False, reason=reason), seen)
        assert seen.podsize
        edited = replace(seen, podsize=replace(seen.podsize, generation=7))
        assert not pace.early(evict(), NOW + 1, edited)


def test_an_edit_of_the_owner_is_asked_about_at_once_and_the_pauses_start_again() -> None:
    pace, refusal = Pace(), no(Reason.TEMPLATE_CHANGED, read=True)
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
    assert pace.early(evict(), NOW + 300)
    assert not pace.early(evict("b"), NOW + 20)
    assert not pace.early(evict(revision=2), NOW + 20)
    assert not pace.early(evict(), NOW - 1), "a clock that steps back holds nobody up"
    pace.refused(evict("b"), NOW, BUDGET)
    assert not pace.early(evict("b"), NOW + REFUSED_AGAIN)
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


def hand_over() -> HandOver:
    return HandOver(workload(), "web-1", "a", "uid", stored(1), Status(), "1")


def test_a_resize_that_is_refused_is_remembered_for_that_pod_and_size_and_asked_less_often() -> (
    None
):
    never = Reason.RESIZE_INFEASIBLE
    pace, refusal = Pace(), Outcome(done=False, reason=never, message="too big for the node")
    one, two = (view(status=Status(size=stored(revision))) for revision in (1, 2))
    pace.refused(resize(), NOW, refusal, one)
    assert pace.unresizable(one, "a", NOW + 5) == ("too big for the node", never)
    assert pace.unresizable(two, "a", NOW + 5) is pace.unresizable(one, "b", NOW + 5) is None
    assert pace.unresizable(one, "a", NOW + AGAIN) is None
    assert not pace.early(evict(), NOW + 1, one), "it is replaced instead, at once"
    assert pace.early(resize(), NOW + 1, one), "also where it takes a size back"
    pace.refused(resize(), NOW + AGAIN, refusal, one)
    assert pace.unresizable(one, "a", NOW + AGAIN + 17)
    pace.granted(resize())
    assert pace.unresizable(one, "a", NOW + AGAIN + 17) is None


@pytest.mark.parametrize(
    "reason", [Reason.REFUSED, Reason.QUOTA, Reason.LIMIT_RANGE, Reason.QOS_CLASS]
)
def test_who_refuses_a_resize_for_its_size_is_not_asked_about_each_pod(reason: Reason) -> None:
    pace, seen = Pace(), view(status=Status(size=stored(1)))
    pace.refused(resize(), NOW, Outcome(done=False, reason=reason, message="no"), seen)
    assert pace.unresizable(seen, "b", NOW + 5) == ("no", reason)
    pace.granted(evict("b"))
    assert pace.unresizable(seen, "b", NOW + 5)


@pytest.mark.parametrize("reason", [Reason.WEBHOOK_UNVERIFIED, None])
def test_for_a_resize_that_nobody_refuses_nothing_is_replaced(reason: Reason | None) -> None:
    pace, seen = Pace(), view(status=Status(size=stored(1)))
    pace.refused(resize(), NOW, Outcome(done=False, reason=reason), seen)
    assert pace.unresizable(seen, "a", NOW) is None


def test_a_status_that_is_refused_as_a_pod_is_handed_back_waits_and_the_pod_does_not() -> None:
    pace, refusal = Pace(), Outcome(done=True, reason=Reason.REFUSED, unwritten=True)
    back = HandBack(workload(), "web-1", "a", Status(size=stored(1)), "7")
    pace.refused(back, NOW, refusal)
    assert not pace.early(back, NOW + 1)
    assert pace.early(Write(workload(), Status(size=stored(1)), "7"), NOW + 1)
    assert not pace.early(Write(workload(), Status(size=stored(2)), "7"), NOW + 1)


def test_a_status_that_is_refused_in_turns_for_two_sizes_is_written_less_and_less_often() -> None:
    pace, refusal = Pace(), Outcome(done=False, reason=Reason.REFUSED, unwritten=True)
    written = []
    for passed in range(600):
        action = Write(workload(), Status(size=stored(1 + passed % 2)), "7")
        if not pace.early(action, NOW + passed):
            written.append(passed)
            pace.refused(action, NOW + passed, refusal)
    assert len(written) <= 16, "eight times each in ten minutes"
    pace.granted(Write(workload(), Status(size=stored(1)), "7"))
    assert not pace.early(Write(workload(), Status(size=stored(2)), "7"), NOW + 600)


SEEN = view(status=Status(size=stored(1)))


def test_the_refusal_for_which_an_action_waits_is_what_is_said_of_it() -> None:
    pace = Pace()
    assert pace.standing(evict(), NOW, SEEN) is None
    pace.refused(evict(), NOW, replace(BUDGET, message="would violate"), SEEN)
    assert pace.standing(evict(), NOW + 1, SEEN) == replace(BUDGET, message="would violate")
    assert pace.standing(evict("b"), NOW + 1, SEEN) is None
    assert pace.standing(Wait(), NOW + 1, SEEN) is None
    assert pace.standing(evict(), NOW + REFUSED_AGAIN, SEEN) is None
    edited = replace(SEEN, owner=replace(owner(), metadata=replace(owner().metadata, generation=9)))
    assert pace.standing(evict(), NOW + 1, edited) is None
    pace.refused(evict(), NOW, no(None), SEEN)
    assert pace.standing(evict(), NOW + 1, SEEN) is None, "nobody refuses it"


def test_what_nobody_refuses_is_stuck_from_the_second_pause_on() -> None:
    pace = Pace()
    assert not pace.stuck(workload())
    pace.refused(evict(), NOW, no(None))
    assert not pace.stuck(workload())
    pace.refused(evict(), NOW, no(None))
    assert pace.stuck(workload())
    pace.refused(evict(), NOW, no(Reason.REFUSED))
    assert not pace.stuck(workload()), "somebody refuses it"
    away = Pace()
    for expected in (False, False, True):
        away.refused(evict(), NOW, no(None, unreached=True))
        assert away.stuck(workload()) is expected, "6 s, 12 s, 24 s"


def test_what_waits_or_comes_again_soon_is_no_refusal() -> None:
    pace = Pace()
    pace.refused(Wait(), NOW, BUDGET)
    pace.refused(evict(), NOW, Outcome(done=False, soon=True))
    assert not pace.early(evict(), NOW) and not pace.early(Wait(), NOW)


def delete(uid: str = "a") -> Delete:
    return Delete(workload(), "web-1", uid)


def drain(uid: str = "a") -> Drain:
    return Drain(workload(), "web-1", uid)


def test_each_held_pod_and_each_of_its_steps_waits_for_itself() -> None:
    pace = Pace()
    for _ in range(2):
        pace.refused(drain(), NOW, no(None))
    assert pace.early(drain(), NOW)
    assert not pace.early(drain("b"), NOW) and not pace.early(delete(), NOW)
    pace.granted(delete())
    assert pace.early(drain(), NOW), "another step says nothing about it"
    pace.granted(evict("b"))
    assert not pace.early(drain(), NOW), "a pod was taken: all is new"


def test_a_surge_that_somebody_refused_is_over_with_a_deletion_or_another_size() -> None:
    pace, later = Pace(), view(status=Status(size=stored(2)))
    pace.granted(delete())
    for pause in (REFUSED_AGAIN, 300.0):
        pace.refused(hand_over(), NOW, replace(no(Reason.REFUSED), message="keep off"), SEEN)
        assert pace.surge_refused(SEEN, NOW + pause - 1) == "keep off"
        assert pace.surge_refused(SEEN, NOW + pause) is None
    assert pace.surge_refused(later, NOW) is None
    assert pace.surge_refused(view(), NOW) is None
    assert not pace.early(evict(), NOW, SEEN), "it is evicted at once"
    pace.granted(delete())
    assert pace.surge_refused(SEEN, NOW) is None


@pytest.mark.parametrize(
    ("action", "reason"), [(evict(), Reason.REFUSED), (hand_over(), None), (drain(), None)]
)
def test_only_what_somebody_refuses_of_a_surge_rules_it_out(
    action: Action, reason: Reason | None
) -> None:
    pace = Pace()
    pace.refused(action, NOW, no(reason), SEEN)
    assert pace.surge_refused(SEEN, NOW) is None


@pytest.mark.parametrize("outcome", [no(None), replace(BUDGET, read=True), no(Reason.QUOTA)])
def test_a_surge_is_asked_no_more_seldom_for_an_eviction_that_nobody_refuses(
    outcome: Outcome,
) -> None:
    pace = Pace()
    pace.refused(hand_over(), NOW, no(Reason.REFUSED), SEEN)
    pace.refused(evict(), NOW, outcome, SEEN)
    assert pace.surge_refused(SEEN, NOW + REFUSED_AGAIN) is None


def test_resizes_of_other_workloads_keep_their_pauses_where_an_eviction_is_refused() -> None:
    pace, other = Pace(), replace(resize(), workload=replace(workload(), name="other"))
    theirs = replace(SEEN, workload=other.workload)
    pace.refused(other, NOW, no(Reason.REFUSED), theirs)
    pace.refused(evict(), NOW, BUDGET, SEEN)
    assert pace.unresizable(theirs, "a", NOW + 1)
    assert pace.unresizable(theirs, "a", NOW + REFUSED_AGAIN) is None


def test_without_a_stored_size_no_resize_of_one_is_refused() -> None:
    pace, bare = Pace(), view()
    pace.refused(resize(), NOW, no(Reason.REFUSED), SEEN)
    assert pace.unresizable(SEEN, "b", NOW) and pace.unresizable(bare, "b", NOW) is None


def test_a_limit_range_that_changes_ends_the_wait_for_it() -> None:
    pace = Pace()
    one, two = (
        replace(SEEN, limit_ranges=(objects.LimitRange(objects.Meta(resource_version=v)),))
        for v in "12"
    )
    pace.refused(evict(), NOW, no(Reason.LIMIT_RANGE), one)
    assert pace.early(evict(), NOW + 1, one)
    assert not pace.early(evict(), NOW + 1, two)


def test_rules_are_those_of_the_workload_s_own_namespace() -> None:
    pace, asked = Pace(), list[str]()

    def rules(namespace: str) -> tuple[str, str]:
        asked.append(namespace)
        return "", ""

    pace.rules = rules
    pace.refused(evict(), NOW, BUDGET, SEEN)
    assert set(asked) == {"shop"}


def test_a_status_without_a_size_waits_for_itself_alone_and_ends_with_an_edit() -> None:
    pace, bare = Pace(), Write(workload(), Status(), "7")
    pace.refused(bare, NOW, Outcome(done=False, reason=Reason.REFUSED, unwritten=True), SEEN)
    assert pace.early(bare, NOW + 1, SEEN)
    assert not pace.early(Write(workload(), Status(size=stored(1)), "7"), NOW + 1, SEEN)
    assert SEEN.podsize
    edited = replace(SEEN, podsize=replace(SEEN.podsize, generation=9))
    assert not pace.early(bare, NOW + 1, edited)
    assert pace.early(evict(revision=0), NOW + 1, SEEN), "that needs the same status"


def test_a_resize_that_is_granted_ends_what_holds_for_its_siblings_too() -> None:
    pace = Pace()
    pace.refused(resize(), NOW, no(Reason.REFUSED), SEEN)
    pace.granted(resize())
    assert pace.unresizable(SEEN, "b", NOW) is None


def test_siblings_that_are_refused_in_turns_wait_longer_and_longer() -> None:
    pace = Pace()
    pace.refused(resize("a"), NOW, no(Reason.REFUSED), SEEN)
    pace.refused(resize("b"), NOW, no(Reason.REFUSED), SEEN)
    assert pace.unresizable(SEEN, "c", NOW + 299)


def test_a_step_that_is_done_ends_its_own_wait() -> None:
    pace = Pace()
    for _ in range(2):
        pace.refused(drain(), NOW, no(None))
    pace.granted(drain())
    assert not pace.early(drain(), NOW)


@pytest.mark.parametrize("status", [None, Status()])
def test_a_pod_that_is_handed_back_may_write_no_status_or_one_without_a_size(
    status: Status | None,
) -> None:
    pace = Pace()
    back = HandBack(workload(), "web-1", "a", status, "7")
    pace.refused(back, NOW, Outcome(done=True, reason=Reason.REFUSED, unwritten=True))
    assert pace.early(Write(workload(), Status(), "7"), NOW + 1) is (status is not None)


def test_an_owner_or_a_podsize_that_comes_ends_a_wait() -> None:
    pace, nobody = Pace(), replace(SEEN, owner=None, podsize=None)
    assert SEEN.podsize
    pace.refused(evict(), NOW, BUDGET, nobody)
    assert pace.early(evict(), NOW + 1, nobody)
    assert not pace.early(evict(), NOW + 1, replace(nobody, owner=owner()))
    first = replace(SEEN.podsize, generation=1)
    assert not pace.early(evict(), NOW + 1, replace(nobody, podsize=first))


def test_what_fails_again_after_an_edit_waits_a_second() -> None:
    pace = Pace()
    edited = replace(SEEN, owner=replace(owner(), metadata=replace(owner().metadata, generation=9)))
    pace.refused(WRITE, NOW, no(None), SEEN)
    pace.refused(WRITE, NOW, no(None), edited)
    assert pace.early(WRITE, NOW + 0.5, edited) and not pace.early(WRITE, NOW + 1, edited)


def test_a_refused_surge_of_a_workload_that_is_gone_rules_out_no_size() -> None:
    pace = Pace()
    pace.refused(hand_over(), NOW, no(Reason.REFUSED))
    assert pace.surge_refused(SEEN, NOW) is None
