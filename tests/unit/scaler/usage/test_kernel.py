"""What the kernel counted over a minute: the table of kernel.py."""

from typing import Any

import pytest

from scaler.usage import kernel
from scaler.usage.kernel import NOTHING, Kernel, Seen
from scaler.usage.window import Reading


def seen(looks: list[Kernel], seconds: float) -> Seen:
    """Readings with these looks."""
    return kernel.seen([Reading(0.0, 0.0, 0.0, 0, 0.0, kernel=look) for look in looks], seconds)


STEADY = [Kernel(15.0 * n, 150.0 * n, 90.0 * n, 100 + n, 0.0, 0.0) for n in range(6)]


def test_a_minute_of_everything() -> None:
    got = seen(STEADY, 55.0)
    assert (got.throttled, got.needed, got.needed_peak, got.short) == (0.6, 103, 105, False)


def test_what_was_before_the_minute_does_not_count() -> None:
    before = [Kernel(0.0, 0.0, 0.0, 999), Kernel(15.0, 150.0, 150.0, 5)]
    got = seen([*before, Kernel(45.0, 450.0, 150.0, 5), Kernel(75.0, 750.0, 150.0, 5)], 55.0)
    assert (got.throttled, got.needed_peak) == (0.0, 5)


@pytest.mark.parametrize("looks", [[], STEADY[:1], STEADY[:4]], ids=["none", "one", "45 s"])
def test_less_than_a_minute_says_nothing(looks: list[Kernel]) -> None:
    assert seen(looks, 55.0) == NOTHING


def two(**ends: Any) -> Any:
    """What is seen between two looks a minute apart, each counter from zero."""
    begin: Any = {name: 0.0 for name in ends}
    return seen([Kernel(0.0, **begin), Kernel(60.0, **ends)], 55.0)


@pytest.mark.parametrize(
    ("periods", "throttled", "share"),
    [(600.0, 360.0, 0.6), (6.0, 6.0, 0.05), (0.0, 0.0, 0.0), (600.0, 601.0, 1.0)],
    ids=["busy", "a probe now and then", "idle", "never more than all"],
)
def test_the_share_of_throttled_periods(periods: float, throttled: float, share: float) -> None:
    assert two(periods=periods, throttled=throttled).throttled == pytest.approx(share)


@pytest.mark.parametrize(
    ("ends", "short"),
    [
        ({"waited": 3.0}, True),
        ({"waited": 2.9}, False),
        ({"waited": 0.0, "hits": 900.0}, False),
        ({"hits": 1.0}, True),
        ({"hits": 0.0}, False),
        ({}, None),
    ],
)
def test_a_container_is_short_of_memory(ends: dict[str, float], short: bool | None) -> None:
    assert two(**ends).short is short


def test_what_is_not_known_stays_so() -> None:
    assert two(periods=600.0).throttled is None
    assert seen([Kernel(0.0), Kernel(60.0)], 55.0) == NOTHING
