"""What was raised again soon after a step down is not stepped down to again: regret.py."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kube import timestamps
from scaler.policies.regret import LONGEST, SOON, WAIT, Regret, forbidden, regrets
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import NOW
from tests.unit.scaler.sizing.quiet_workloads import Course, doubled, one

R = Reason
DAY = 86_400.0


def line(at: float, before: str, after: str, reason: Reason, container: str = "nginx") -> Change:
    return Change(timestamps.text(NOW + at), 2, container, "cpu", before, after, reason)


def log(*lines: Change) -> tuple[Change, ...]:
    """Newest first, as a status has it."""
    return tuple(reversed(lines))


DOWN, UP = line(0, "1", "500m", R.HALVED), line(300, "500m", "1", R.DOUBLED)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), []),
        ((DOWN,), []),
        ((DOWN, UP), [Regret(1000, NOW + 300)]),
        ((UP,), []),
        ((DOWN, line(SOON, "500m", "1", R.DOUBLED)), [Regret(1000, NOW + SOON)]),
        ((DOWN, line(SOON + 1, "500m", "1", R.DOUBLED)), []),
        ((DOWN, line(300, "500m", "1", R.DOUBLED, "side")), []),
        ((DOWN, line(300, "500m", "1", R.MANUAL)), []),
        ((line(-9, "1", "500m", R.OPTED_OUT), UP), []),
        ((DOWN, line(9, "1", "500m", R.OPTED_OUT), UP), [Regret(1000, NOW + 300)]),
        (
            (line(-400, "2", "1", R.HALVED), DOWN, UP, line(600, "1", "2", R.DOUBLED)),
            [Regret(1000, NOW + 300)],
        ),
    ],
    ids=[
        *("nothing", "a halving", "raised soon after", "a doubling alone", "just soon enough"),
        *("too late", "another container's", "a hand's", "no policy lowered it"),
        *("the annotation went and came in between", "the first raise after each counts"),
    ],
)
def test_a_regret_is_a_step_down_and_a_step_up_soon_after(
    lines: tuple[Change, ...], expected: list[Regret]
) -> None:
    assert regrets(log(*lines), "nginx", "cpu") == expected


def test_a_step_down_waits_longer_with_each_regret() -> None:
    waits, lines, at = [], [], 0.0
    for _ in range(7):
        lines += [line(at, "1", "500m", R.HALVED), line(at + 300, "500m", "1", R.DOUBLED)]
        raised = NOW + at + 300
        found = forbidden(log(*lines), "nginx", "cpu", raised)
        assert found is not None and found[0] == 1000
        waits.append(found[1] - raised)
        assert forbidden(log(*lines), "nginx", "cpu", found[1]) is None
        at += 40 * DAY
    assert waits == [WAIT, 2 * WAIT, 4 * WAIT, 8 * WAIT, 16 * WAIT, LONGEST, LONGEST]


def test_a_regret_of_more_says_nothing_about_less() -> None:
    """What was raised to 500m forbids what is below that; half of four times it is above."""
    small = log(line(0, "500m", "250m", R.HALVED), line(60, "250m", "500m", R.DOUBLED))
    found = forbidden(small, "nginx", "cpu", NOW + 100)
    assert found is not None and found[0] == 500
    assert forbidden(small, "nginx", "memory", NOW + 100) is None


def followed(course: Course, used: Callable[[float], float], seconds: float) -> None:
    """`used`: millicores that a pod would use, by the seconds since it was started."""
    began, base = course.now, course.base
    end = course.now + seconds
    while course.now < end:
        course.look(nginx=min(used(course.now - began), float(course.base)))
        if course.base != base:
            began, base = course.now, course.base


def test_a_start_up_that_burns_cpu_is_doubled_and_halved_once() -> None:
    """Two and a half minutes of it: 20 minutes, with a quiet of two minutes' length or five."""
    course = Course(doubled(one(500, 1000), cpu_max="2"))
    followed(course, lambda age: 5000.0 if age < 170 else 5.0, 4 * 3600.0)
    reasons = [reason for _, reason, _ in course.steps]
    assert reasons.count(R.HALVED) <= 1, course.steps
    assert reasons.count(R.DOUBLED) <= 2, course.steps
    assert course.status.reason is R.AT_MINIMUM
    assert "soon after; not before" in course.status.message


STARTS = st.tuples(st.integers(0, 900), st.sampled_from([300.0, 700.0, 950.0, 5000.0]))


@given(STARTS, st.lists(st.sampled_from([5.0, 150.0, 460.0, 900.0]), min_size=1, max_size=6))
@example((170, 5000.0), [5.0])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_pair_of_changes_comes_a_third_time_without_a_growing_wait(
    start: tuple[int, float], later: list[float]
) -> None:
    """Whatever a start-up uses, and whatever comes after it, within four hours."""
    course = Course(doubled(one(500, 1000)))
    burns, most = start
    tides = len(later)
    followed(
        course,
        lambda age: most if age < burns else later[int(age // 1900) % tides],
        4 * 3600.0,
    )
    ups = [(at, base) for at, reason, base in course.steps if reason is R.DOUBLED]
    downs = [(at, base) for at, reason, base in course.steps if reason is R.HALVED]
    for at, _ in downs:
        undone = [u for u in ups if 0 < u[0] - at <= SOON]
        again = [d for d in downs if undone and d[0] > undone[0][0] and d[1] < undone[0][1]]
        assert not again, course.steps
    assert all(base for _, base in downs)
