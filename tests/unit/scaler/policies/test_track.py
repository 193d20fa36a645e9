"""The policy `track` whole: what is asked of it over time, and that it does not flap."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scaler.annotations.options import ContainerPolicy
from scaler.policies import table, track
from scaler.policies.policy import Horizon, Kill
from scaler.replay import course
from scaler.replay.course import Question, Sized
from scaler.replay.trace import Trace
from scaler.usage.window import NoMinute
from store.model import Resources, Size
from store.reasons import Reason
from tests.unit.scaler.builders import MI, NOW
from tests.unit.scaler.policies.tracked import change, container, minute, usage, window

R = Reason
QUICK = Horizon(86400.0, 3600.0)
DAY = 1440
LEVELS = st.lists(
    st.tuples(st.integers(20, 200), st.sampled_from([1.0, 30.0, 150.0, 900.0, 3000.0])),
    min_size=1,
    max_size=6,
)


def sizes(cpu: Sequence[float], request: int = 100, limit: int = 200) -> list[Sized]:
    size = Size(Resources(request), Resources(limit))
    asked = Question(size, ContainerPolicy("track"), horizon=QUICK)
    return course.replay(Trace("t", 0.0, tuple(cpu)), asked)


@given(LEVELS)
@settings(max_examples=60, deadline=None)
def test_it_never_goes_up_and_down_within_an_hour_without_a_change_in_use(
    levels: list[tuple[int, float]],
) -> None:
    cpu = [value for minutes, value in levels for _ in range(minutes)]
    found = sizes(cpu)
    steps = [
        (b.minute, (b.size.limits.cpu or 0) > (a.size.limits.cpu or 0)) for a, b in pairwise(found)
    ]
    for (first, up), (second, again) in pairwise(steps):
        if up and not again:
            assert second - first >= 60, "whatever it uses"
        if again and not up and second - first < 60:
            assert len(set(cpu[max(0, first - 2) : second])) > 1


@given(st.floats(1.0, 4000.0))
@settings(max_examples=15, deadline=None)
def test_steady_use_ends_in_a_size_that_covers_it_and_stays(used: float) -> None:
    found = sizes([used] * DAY)
    last = found[-1].size
    assert last.limits.cpu is not None and last.requests.cpu is not None
    assert used <= last.limits.cpu * 0.95
    assert last.requests.cpu >= used / 1.25 - 1
    assert last.requests.cpu <= max(1.35 * used, 11)
    assert found[-1].minute <= DAY // 2
    assert len(found) <= 8


def test_a_need_of_ten_times_the_limit_takes_three_changes_within_six_minutes() -> None:
    found = sizes([50.0] * DAY + [1000.0] * 60, 100, 100)
    climb = [s for s in found if s.minute > DAY]
    fits = next(s for s in climb if (s.size.limits.cpu or 0) >= 1000)
    assert climb.index(fits) < 4 and fits.minute - DAY <= 10


def test_an_empty_window_lowers_nothing_whatever_it_sees_first() -> None:
    """After a restart of the scaler."""
    assert track.down(container(), usage(minute(1), known=window(1.0))).proposal is None
    assert track.down(container(), usage(minute(1))).proposal is None


def test_memory_grows_by_need_and_by_kills_but_not_by_page_cache() -> None:
    one = container(64, 128, "memory")
    cached = track.up(one, usage(minute(1, 126, needed=2 * MI, needed_peak=2 * MI)))
    assert (cached.value, cached.reason) == (None, R.IN_BOUNDS)
    needs = track.up(one, usage(minute(1, 126, needed=120 * MI, needed_peak=121 * MI)))
    assert (needs.value, needs.reason) == (256 * MI, R.MEMORY_PRESSURE)
    killed = track.up(one, usage(minute(1), kills=[Kill(NOW, 128 * MI)]))
    assert (killed.value, killed.reason) == (256 * MI, R.OOM_KILLED)


def test_memory_whose_need_is_not_known_may_shrink_but_never_grows() -> None:
    one = container(64, 128, "memory")
    got = track.up(one, usage(minute(1, 126)))
    assert (got.value, got.reason) == (None, R.IN_BOUNDS)
    assert "does not say" in got.message
    gone = track.up(one, usage(NoMinute(R.NO_USAGE, "why")))
    assert gone.reason is R.NO_USAGE


def test_its_steps_down_are_known_by_reason_and_values() -> None:
    assert track.lowered(change(0, "1", "500m"))
    assert not track.lowered(change(0, "500m", "1"))
    assert not track.lowered(change(0, "1", "500m", reason=R.HALVED))


def test_it_is_in_the_table_and_asks_for_a_window() -> None:
    assert table.POLICIES["track"].remembers
    assert not table.POLICIES["double"].remembers
