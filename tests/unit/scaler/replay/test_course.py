"""Usage through the live policies, minute by minute."""

from typing import Any

import pytest

from scaler.annotations.options import Bounds, ContainerPolicy
from scaler.policies.policy import Patience
from scaler.replay import course
from scaler.replay.course import Question, Sized
from scaler.replay.trace import Trace
from store.model import Resources, Size
from store.reasons import Reason
from tests.unit.scaler.builders import MI

R = Reason


def replayed(
    cpu: list[float | None],
    memory: list[float] | None = None,
    policy: str = "double",
    **more: Any,
) -> list[Sized]:
    size = Size(Resources(100, 64 * MI), Resources(200, 128 * MI))
    options = ContainerPolicy(policy, **more)
    asked = Question(size, options, Patience(300.0, 0.4))
    held = None if memory is None else tuple(m * MI for m in memory)
    return course.replay(Trace("t", 0.0, tuple(cpu), held), asked)


def limits(found: list[Sized]) -> list[tuple[int, int | None]]:
    return [(s.minute, s.size.limits.cpu) for s in found]


def test_a_doubling_is_in_force_from_the_next_minute_and_the_next_takes_two_more() -> None:
    assert limits(replayed([50.0, 50.0, *[900.0] * 10])) == [
        (0, 200),
        (3, 400),
        (5, 800),
        (7, 1600),
    ]


def test_half_after_it_was_quiet_for_long_enough_as_live() -> None:
    found = replayed([390.0, *[10.0] * 30])
    assert limits(found) == [(0, 200), (1, 400), (found[2].minute, 200)]
    assert 2 + 5 <= found[2].minute <= 12
    assert found[2].reason is R.HALVED


def test_a_gap_decides_nothing_and_is_no_quiet() -> None:
    cpu: list[float | None] = [390.0, 390.0, *[None] * 200]
    assert limits(replayed(cpu)) == [(0, 200), (1, 400)]


def test_a_kill_raises_memory_at_once_and_twice_is_enough_for_four_times_its_limit() -> None:
    found = replayed([10.0] * 20, [*[40.0] * 5, *[450.0] * 15])
    assert [(s.minute, s.size.limits.memory, s.reason) for s in found[1:]] == [
        (6, 256 * MI, R.OOM_KILLED),
        (7, 512 * MI, R.OOM_KILLED),
    ]


def test_without_memory_in_the_trace_nothing_is_decided_on_it() -> None:
    assert {s.size.limits.memory for s in replayed([900.0] * 5)} == {None}


def test_bounds_hold() -> None:
    found = replayed([900.0] * 30, bounds=Bounds(cpu_max=500))
    assert found[-1].size.limits.cpu == 500


@pytest.mark.parametrize("policy", ["double", "track"])
def test_the_same_trace_gives_the_same_sizes(policy: str) -> None:
    cpu: list[float | None] = [float(n % 400) for n in range(600)]
    assert replayed(cpu, policy=policy) == replayed(cpu, policy=policy)


def test_progress_is_given_every_ten_thousand_minutes() -> None:
    seen: list[int] = []
    asked = Question(Size(Resources(100), Resources(200)), ContainerPolicy("double"))
    course.replay(Trace("t", 0.0, (1.0,) * 20_001), asked, seen.append)
    assert seen == [10_000, 20_000]
