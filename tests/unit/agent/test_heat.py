"""Sums of clocks and heat: the table of heat.py."""

import pytest

from agent import heat
from agent.heat import Reading, Sum, Summary


@pytest.mark.parametrize(
    ("current", "most", "highest", "found"),
    [
        (900_000, 1_200_000, 1_500_000, Reading(0.6, 0.8)),
        (1_600_000, 1_600_000, 1_500_000, Reading(1.0, 1.0)),
        (900_000, None, 1_500_000, Reading(0.6, None)),
        (None, 1_200_000, 1_500_000, None),
        (0, 1_200_000, 1_500_000, None),
        (900_000, 1_200_000, None, None),
        (900_000, 1_200_000, 0, None),
    ],
)
def test_a_reading_is_shares_of_the_highest_clock(
    current: int | None, most: int | None, highest: int | None, found: Reading | None
) -> None:
    assert heat.reading(current, most, highest) == found


def test_a_round_says_the_clock_of_the_fastest_cpu() -> None:
    sum = Sum()
    for rounds in ((0.2, 1.0), (0.2, 0.6), (0.8, 0.2)):
        for number, clock in enumerate(rounds):
            sum = heat.added(sum, Reading(clock, 0.9), last=number == 1)
    found = heat.summary(sum, 60.0, {}, {})
    assert found and found.clock == pytest.approx(0.8)
    assert (found.lowest, found.allowed, found.throttles) == (0.6, 0.9, None)


def test_the_least_that_any_cpu_was_allowed_counts() -> None:
    sum = heat.added(Sum(), Reading(0.5, 1.0), last=False)
    sum = heat.added(sum, Reading(0.5, 0.4), last=False)
    sum = heat.added(sum, Reading(0.5, None), last=False)
    assert heat.summary(sum, 60.0, {}, {}) == Summary(60.0, None, None, 0.4), "no whole round"


def test_a_round_in_which_nothing_can_be_read_is_none() -> None:
    assert heat.added(Sum(), None, last=True) == Sum()
    assert heat.summary(Sum(), 60.0, {}, {}) is None


@pytest.mark.parametrize(
    ("before", "after", "number"),
    [
        ({"a": 5, "b": 5}, {"a": 8, "b": 7}, 3),
        ({"a": 5}, {"a": 5}, 0),
        ({"a": 5, "b": 1}, {"a": 0, "b": 2}, 1),
        ({"a": 5}, {"a": 0}, 0),
        ({"a": 5}, {"b": 9}, None),
    ],
    ids=["the most", "none", "one began again", "it began again", "another CPU"],
)
def test_the_counter_that_grew_most_counts(
    before: dict[str, int], after: dict[str, int], number: int | None
) -> None:
    found = heat.summary(heat.added(Sum(), Reading(1.0, 1.0), last=True), 60.0, before, after)
    assert found and found.throttles == number


@pytest.mark.parametrize(
    ("bits", "number"),
    [
        ([0x0, 0x0], 0),
        ([0xE0000, 0xE0000], 0),
        ([0x1, 0x1], 0),
        ([0x2, 0x0, 0x4, 0x4, 0x8], 2),
        ([0xE0008], 1),
        ([None], None),
    ],
    ids=["never", "once, long ago", "voltage alone", "twice", "all the time", "it does not say"],
)
def test_the_firmware_says_when_it_begins(bits: list[int | None], number: int | None) -> None:
    sum = heat.added(Sum(), Reading(1.0, 1.0), last=True)
    for one in bits:
        sum = heat.said(sum, one)
    found = heat.summary(sum, 60.0, {}, {})
    assert found and found.throttles == number
