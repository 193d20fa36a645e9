"""The steps up of `track` for CPU: each row of its table."""

import pytest

from scaler.annotations.options import Limits
from scaler.policies import track_cpu
from scaler.usage.window import NoMinute
from store.reasons import Reason
from tests.unit.scaler.policies.tracked import change, container, minute, usage, window

R = Reason


def test_pinned_grows_threefold_then_fourfold_while_it_stays_pinned() -> None:
    first = track_cpu.up(container(), usage(minute(200)))
    assert (first.value, first.reason) == (600, R.TRACKED)
    assert first.message == (
        "web-1: c used 200m of 200m for 60 s: what it would use is not known, 3 times as much"
    )
    log = [change(130, "200m", "600m")]
    second = track_cpu.up(container(300, 600), usage(minute(600), changes=log))
    assert second.value == 2400


def test_it_goes_straight_to_what_the_window_knows() -> None:
    known = window(*[100.0] * 90, *[900.0] * 10, *[150.0] * 10)
    got = track_cpu.up(container(), usage(minute(199), known=known))
    assert got.value is not None and 900 <= got.value <= 1100
    assert "up to what it used before" in got.message


def test_what_was_raised_often_has_to_stay_pinned_for_longer() -> None:
    log = [change(5000 * n, "200m", "600m") for n in (1, 2, 3)]
    waits = track_cpu.up(container(), usage(minute(200), known=window(10, 200), changes=log))
    assert (waits.value, waits.reason) == (None, R.IN_BOUNDS)
    assert waits.message.endswith("for 1 of 8 minutes: it was raised often before")
    lasted = window(10, *[200.0] * 8)
    due = track_cpu.up(container(), usage(minute(200), known=lasted, changes=log))
    assert due.value is not None


def test_half_an_hour_is_always_enough() -> None:
    log = [change(5000 * n, "200m", "600m") for n in range(1, 12)]
    due = track_cpu.up(container(), usage(minute(200), known=window(*[200.0] * 30), changes=log))
    assert due.value is not None


def test_throttled_below_its_limit_is_pinned_and_says_so() -> None:
    got = track_cpu.up(container(), usage(minute(100, throttled=0.7)))
    assert (got.value, got.reason) == (600, R.THROTTLED)
    assert "throttled in 70 % of its periods" in got.message


def test_far_above_its_request_it_gets_what_it_uses() -> None:
    burst = track_cpu.up(container(100, 1000), usage(minute(300)))
    assert (burst.value, burst.reason) == (3000, R.TRACKED)
    free = track_cpu.up(container(100, None), usage(minute(1000)))
    assert free.value == 1100  # 10 % more


def test_the_window_raises_what_it_asks_for_once_it_has_an_hour() -> None:
    asks = window(*[140.0] * 60)
    got = track_cpu.up(container(), usage(minute(140), known=asks))
    assert got.value is not None and 270 <= got.value <= 290
    assert "its last 60 minutes ask for" in got.message
    young = track_cpu.up(container(), usage(minute(140), known=window(*[140.0] * 59)))
    assert young.value is None
    lately = usage(minute(140), known=asks, changes=[change(300, "100m", "200m")])
    assert track_cpu.up(container(), lately).value is None


def test_within_its_size_it_stays() -> None:
    got = track_cpu.up(container(), usage(minute(100), known=window(*[100.0] * 90)))
    assert (got.value, got.reason, got.pressure) == (None, R.IN_BOUNDS, 0.5)
    assert got.message == "web-1: c used 100m of 200m for 60 s"


@pytest.mark.parametrize("reason", [R.STALE_USAGE, R.WARMING_UP, R.NO_USAGE])
def test_unknown_is_not_little(reason: Reason) -> None:
    got = track_cpu.up(container(), usage(NoMinute(reason, "why"), known=window(*[900.0] * 90)))
    assert (got.value, got.reason) == (None, reason)


@pytest.mark.parametrize("pair", [(None, None), (0, None)])
def test_without_a_base_there_is_nothing_to_scale(pair: tuple[int | None, int | None]) -> None:
    got = track_cpu.up(container(*pair), usage(minute(50)))
    assert (got.value, got.reason) == (None, R.NOTHING_TO_SCALE)


def test_keep_raises_the_request_up_to_the_limit() -> None:
    kept = track_cpu.up(container(100, 400, limits=Limits.KEEP), usage(minute(395)))
    assert kept.value == 395
    full = track_cpu.up(container(400, 400, limits=Limits.KEEP), usage(minute(395)))
    assert (full.value, full.reason) == (None, R.AT_MAXIMUM)


def test_none_covers_what_is_used_with_the_request_alone() -> None:
    got = track_cpu.up(container(100, 200, limits=Limits.NONE), usage(minute(199)))
    assert got.value == 300
