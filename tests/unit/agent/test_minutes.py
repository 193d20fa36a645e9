"""What is reported once a minute: the sums of minutes.py."""

import pytest

from agent.minutes import Sum, added, summary
from agent.pinned import Sample


def summed(*samples: Sample, waited: int | None = None) -> Sum:
    """A minute of these."""
    whole = Sum(waited=waited)
    for sample in samples:
        whole = added(whole, sample)
    return whole


def test_mean_and_peak_and_the_share_of_throttled_periods() -> None:
    whole = summed(Sample(0.1, 500.0, 500.0, 1, 1), Sample(0.3, 100.0, 500.0, 1, 0))
    found = summary(whole, None)
    assert found and found.seconds == pytest.approx(0.4)
    assert found.mean == pytest.approx(200.0)
    assert (found.peak, found.throttled, found.waited) == (500.0, 0.5, None)


@pytest.mark.parametrize(
    ("begin", "end", "share"),
    [(0, 25_000, 0.25), (None, 25_000, None), (0, None, None), (25_000, 0, None), (0, 10**9, 1.0)],
)
def test_the_share_of_waiting_is_known_or_none(
    begin: int | None, end: int | None, share: float | None
) -> None:
    found = summary(summed(Sample(0.1, 1.0, None, 0, 0), waited=begin), end)
    assert found and found.waited == share and found.throttled is None


def test_a_minute_without_a_sample_says_nothing() -> None:
    assert summary(Sum(), 5) is None
