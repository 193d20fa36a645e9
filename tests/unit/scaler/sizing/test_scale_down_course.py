"""A quiet workload cycle by cycle: what is written, and that no size goes up and down."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kube import timestamps
from store.model import Phase
from store.reasons import Reason
from store.records import Quiet
from tests.unit.scaler.builders import NGINX, NOW, asked, pod, view
from tests.unit.scaler.sizing.quiet_workloads import FAST, Course, doubled, one, two

R = Reason


def test_an_idle_workload_is_halved_back_to_the_manifest_and_then_not_written_to() -> None:
    course = Course(doubled(one(500, 1000)))
    for _ in range(60):
        course.look(nginx=10.0)
    assert [(reason, base) for _, reason, base in course.steps] == [(R.HALVED, 500)]
    assert (course.status.phase, course.status.reason) == (Phase.SETTLED, R.AT_MINIMUM)
    assert course.status.quiet == ()
    assert course.status.changes[0].reason is R.HALVED
    writes = course.writes
    for _ in range(200):
        course.look(nginx=10.0)
    assert course.writes == writes


def test_at_minimum_outlives_a_restart_and_ends_with_the_idleness() -> None:
    course = Course(view(pod("a", NGINX), pod("b", NGINX)))
    for _ in range(30):
        course.look(nginx=10.0)
    assert course.status.reason is R.AT_MINIMUM
    writes, course.stretches = course.writes, {}
    course.look(nginx=R.WARMING_UP)
    course.settle(nginx=10.0)
    assert course.writes == writes
    course.settle(nginx=210.0)
    assert (course.writes, course.status.reason) == (writes + 1, R.IN_BOUNDS)
    course.settle(nginx=10.0)
    assert (course.writes, course.status.reason) == (writes + 1, R.IN_BOUNDS)


def test_the_way_to_a_halving_costs_two_writes() -> None:
    course = Course(doubled(one(500, 1000)))
    course.look(nginx=300.0)
    course.look(nginx=450.0)
    writes, kept = course.writes, []
    while not course.steps:
        course.look(nginx=300.0)
        kept.append(tuple(q.seconds for q in course.status.quiet))
    assert course.writes == writes + 3, "two thirds, and the halving"
    assert list(dict.fromkeys(kept)) == [(), (100,), (200,)]
    assert course.status.quiet == ()


def test_a_busy_container_costs_no_write_and_one_that_gets_busy_costs_one() -> None:
    course = Course(doubled(one(500, 1000)))
    course.settle(nginx=500.0)
    writes = course.writes
    course.settle(nginx=500.0)
    assert course.writes == writes
    course.settle(nginx=300.0)
    assert [q.seconds for q in course.status.quiet] == [200]
    writes = course.writes
    course.settle(nginx=500.0)
    assert (course.writes, course.status.quiet) == (writes + 1, ())


def test_usage_that_swings_costs_no_writes_while_its_quiet_is_short() -> None:
    course = Course(doubled(one(500, 1000)))
    course.settle(nginx=500.0)
    writes = course.writes
    for number in range(200):
        course.look(nginx=500.0 if number % 6 == 0 else 10.0)
    assert course.writes == writes


def test_a_new_process_goes_on_with_the_stored_quiet() -> None:
    course = Course(doubled(one(500, 1000)))
    while [q.seconds for q in course.status.quiet] != [200]:
        course.look(nginx=10.0)
    course.now += 60
    course.stretches = {}
    course.look(nginx=R.WARMING_UP)
    assert [q.seconds for q in course.status.quiet] == [200], "not known is not busy either"
    again = course.now
    while not course.steps:
        course.look(nginx=10.0)
    assert 100 <= course.steps[0][0] - again <= 130, "the last third is read by one process"


def test_a_process_that_saw_a_container_busy_ignores_older_stored_quiet() -> None:
    """Also where taking it away from the store has failed."""
    seen = doubled(one(500, 1000))
    assert seen.podsize
    kept = replace(seen.podsize.status, quiet=(Quiet("nginx", 200, timestamps.text(NOW)),))
    course = Course(replace(seen, podsize=replace(seen.podsize, status=kept)))
    old = course.seen
    course.look(nginx=900.0 * 0.5)
    course.seen = old
    for _ in range(6):
        course.look(nginx=10.0)
        assert course.status.quiet == ()
    assert not course.steps


def test_another_size_clears_the_stored_quiet() -> None:
    course = Course(two({}, nginx=one(500, 1000), side=one(500, 1000)))
    course.settle(nginx=10.0, side=500.0)
    assert [q.name for q in course.status.quiet] == ["nginx"]
    busy = Course(doubled(one(500, 1000)))
    busy.settle(nginx=10.0)
    assert busy.status.quiet
    busy.look(nginx=990.0)
    assert busy.steps and busy.status.quiet == ()


def test_a_workload_that_opts_out_loses_its_stored_quiet() -> None:
    course = Course(doubled(one(500, 1000)))
    course.settle(nginx=10.0)
    assert course.status.quiet
    course.seen = replace(course.seen, settings=asked(mode="off"))
    course.look(nginx=10.0)
    assert course.status.quiet == ()


@pytest.mark.parametrize("asked_for", [{"direction": "up"}, {"mode": "observe"}])
def test_a_workload_that_never_shrinks_has_no_stored_quiet(asked_for: Mapping[str, str]) -> None:
    course = Course(doubled(one(500, 1000), **asked_for))  # type: ignore[arg-type]
    course.settle(nginx=10.0)
    writes = course.writes
    for _ in range(60):
        course.look(nginx=10.0)
    assert (course.steps, course.status.quiet) == ([], ())
    assert course.writes <= writes + 1


MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LOADS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 100.0, 199.0, 201.0, 380.0, 430.0, 460.0, 700.0, 950.0, 2500.0]),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=12,
)
ASKED = st.sampled_from([{}, {"limits": "none"}, {"limits": "keep"}, {"cpu_min": "100m"}])


@given(LOADS, ASKED)
@example([(950.0, 10), (10.0, 200), (950.0, 30)], {})
@MANY
def test_no_size_goes_up_and_down(
    loads: list[tuple[float, int]], asked_for: Mapping[str, str]
) -> None:
    """Whatever is used: halved only after the whole time with no reading at the level, and
    the whole time after a doubling; doubled after a halving only by more than was used before."""
    course, used = Course(doubled(one(500, 1000), **asked_for)), []  # type: ignore[arg-type]
    for load, looks in loads:
        for _ in range(looks):
            before = course.base
            mean = min(load, float(before)) if "limits" not in asked_for else load
            used.append((course.now + course.step, mean))
            course.look(nginx=mean)
            if course.steps and course.steps[-1][0] == course.now:
                _earned(course, used, before)


def _earned(course: Course, used: list[tuple[float, float]], before: int) -> None:
    at, reason, base = course.steps[-1]
    ups = [t for t, why, _ in course.steps[:-1] if why is R.DOUBLED]
    downs = [t for t, why, _ in course.steps[:-1] if why is R.HALVED]
    if reason is R.HALVED:
        recent = [mean for t, mean in used if at - FAST.seconds < t <= at]
        assert len(recent) * course.step >= FAST.seconds
        assert max(recent) < 0.4 * before
        assert max(recent) < 0.9 * base
        assert all(at - t >= FAST.seconds for t in ups)
    if reason is R.DOUBLED and downs:
        quiet_then = [m for t, m in used if downs[-1] - FAST.seconds < t <= downs[-1]]
        assert used[-1][1] > max(quiet_then)


@pytest.mark.parametrize("load", [0.0, 100.0, 199.0, 380.0, 399.0, 401.0, 460.0, 890.0])
def test_steady_usage_is_followed_in_one_direction_only(load: float) -> None:
    course = Course(doubled(one(2000, 4000)))
    for _ in range(300):
        course.look(nginx=load)
    assert {reason for _, reason, _ in course.steps} <= {R.HALVED}
    assert course.base == next(
        (b for b in (500, 1000, 2000, 4000) if load < 0.8 * b and (b == 500 or load >= 0.4 * b)),
        4000,
    )
