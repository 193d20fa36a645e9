"""How late a message is: the table of lateness.py."""

from collections.abc import Sequence

import pytest

from scaler.agents.lateness import DRIFT, Way, followed


def late(messages: Sequence[tuple[float, float]]) -> list[float]:
    """Of each message (sent, received), by how much it is late."""
    way: Way | None = None
    out = []
    for sent, received in messages:
        way, found = followed(way, sent, received)
        out.append(found)
    return out


def test_what_takes_as_long_as_ever_is_not_late() -> None:
    assert late([(0.0, 500.2), (10.0, 510.2), (20.0, 520.2)]) == [0.0, 0.0, 0.0]


def test_what_takes_longer_is_late_by_that() -> None:
    found = late([(0.0, 500.0), (1.0, 508.0), (2.0, 508.0)])
    assert found == pytest.approx([0.0, 7.0, 6.0], abs=10 * DRIFT)


def test_the_quickest_counts_also_if_it_comes_later() -> None:
    found = late([(0.0, 502.0), (3.0, 503.0), (4.0, 506.0)])
    assert found == pytest.approx([0.0, 0.0, 2.0], abs=10 * DRIFT)


@pytest.mark.parametrize("rate", [0.9995, 1.0005])
def test_a_clock_that_is_a_little_slow_or_fast_makes_nothing_late(rate: float) -> None:
    found = late([(rate * at, 500.0 + at) for at in range(0, 3600, 10)])
    assert max(found) < 0.01


def test_a_clock_that_jumps_ahead_makes_all_that_follows_late() -> None:
    found = late([(0.0, 500.0), (9_000.0, 510.0), (20.0, 520.0), (30.0, 530.0)])
    assert found[1] == 0.0 and min(found[2:]) > 8_000.0


def test_one_that_goes_back_makes_its_own_messages_late() -> None:
    found = late([(100.0, 600.0), (40.0, 610.0)])
    assert found[1] == pytest.approx(70.0, abs=0.1)
