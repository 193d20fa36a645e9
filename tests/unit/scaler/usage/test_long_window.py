"""The long window against a plain list of minutes."""

from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from scaler.usage import long_window
from scaler.usage.long_window import MINUTE, LongWindow, Used, added, streak

HOUR = 3600.0
MEANS = st.lists(st.floats(0.0, 4000.0), min_size=1, max_size=200)


def filled(means: list[float], seconds: float = 8 * 24 * HOUR) -> LongWindow:
    out = None
    for n, mean in enumerate(means):
        out = added(out, Used(mean, int(mean)), n * MINUTE, seconds)
    assert out is not None
    return out


@given(MEANS, st.sampled_from([0.5, 0.8, 0.95]))
@settings(max_examples=100, deadline=None)
def test_a_percentile_is_the_one_of_the_list_within_a_bucket(
    means: list[float], share: float
) -> None:
    ordered = sorted(means)
    exact = ordered[min(len(means) - 1, int(share * len(means) + 1e-9))]
    lower = ordered[max(0, int(share * len(means) - 1e-9) - 1)]
    [got] = filled(means).percentiles(share)
    assert 0.95 * lower - 1.0 <= got <= 1.06 * max(exact, 1.0)


@given(MEANS)
@settings(max_examples=100, deadline=None)
def test_percentiles_fall_and_the_highest_is_not_above_what_was_used(means: list[float]) -> None:
    window = filled(means)
    high, low = window.percentiles(0.5, 0.95)
    assert high >= low
    assert window.surpassed <= max(means)
    assert window.minutes == len(means)
    assert window.memory == int(max(means))


@given(MEANS, st.integers(2, 60))
@settings(max_examples=100, deadline=None)
def test_it_forgets_what_is_older_than_it_holds_and_is_bounded(
    means: list[float], minutes: int
) -> None:
    window = filled(means, minutes * MINUTE)
    kept = window.minutes
    assert min(len(means), minutes) - window.per_slot <= kept <= minutes + window.per_slot
    assert window.memory == int(max(means[-kept:]))
    assert sum(window.sums.values()) == kept
    assert len(window.slots) <= long_window.SLOTS + 1
    assert len(window.recent) <= long_window.RECENT


def test_eight_days_fit_into_96_slots_of_two_hours() -> None:
    window = filled([100.0] * 12_000)
    assert (window.per_slot, len(window.slots), window.minutes) == (120, 96, 11_520 - 120 + 120)
    assert window.seconds == window.minutes * 60


def test_minutes_that_overlap_count_once_and_a_gap_does_not_count_at_all() -> None:
    one = added(None, Used(100.0, 1), 0.0, HOUR)
    assert added(one, Used(900.0, 1), 30.0, HOUR) is one
    later = added(one, Used(100.0, 1), 5 * HOUR, HOUR)
    assert later.minutes == 2
    back = added(later, Used(100.0, 1), 2 * HOUR, HOUR)
    assert back.minutes == 3, "a clock that steps back stops nothing"


def test_what_is_needed_stays_unknown_until_somebody_says_it() -> None:
    one = added(None, Used(1.0, 50), 0.0, HOUR)
    assert (one.memory, one.needed) == (50, None)
    two = added(one, Used(1.0, 40, 30), 60.0, HOUR)
    three = added(two, Used(1.0, 40), 120.0, HOUR)
    assert (three.memory, three.needed) == (50, 30)


def test_it_remembers_nothing_of_a_value_that_was_changed() -> None:
    one = filled([100.0, 100.0])
    before = dict(one.sums)
    added(one, Used(700.0, 1), 10 * HOUR, HOUR)
    assert one.sums == before and one.minutes == 2


def test_a_streak_ends_at_a_lower_minute_and_at_a_gap() -> None:
    recent = ((0.0, 99.0), (60.0, 10.0), (120.0, 99.0), (180.0, 99.0))
    assert streak(recent, 95.0, 181.0) == 2
    assert streak(recent, 99.5, 181.0) == 0
    assert streak(recent, 95.0, 400.0) == 0
    assert streak(((0.0, 99.0), (300.0, 99.0)), 95.0, 301.0) == 1


def test_values_below_a_millicore_are_none() -> None:
    window = filled([0.0, 0.5])
    assert window.surpassed == 0.0
    assert isclose(window.percentiles(0.95)[0], 1.0, abs_tol=0.05)
