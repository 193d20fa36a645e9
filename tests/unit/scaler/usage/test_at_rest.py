"""How often nodes are read: the table of at_rest.py."""

import pytest

from scaler.usage import at_rest
from scaler.usage.at_rest import Rounds
from scaler.usage.window import Minute, NoMinute
from store.model import Resources, Size
from store.reasons import Reason

MI = 1024 * 1024
SIZE = Size(Resources(50, 32 * MI), Resources(100, 64 * MI))
REQUESTS = Size(Resources(100, 64 * MI), Resources(None, None))
NOTHING = Size(Resources(None, None), Resources(None, None))


def minute(mean: float = 10.0, memory: int = MI, peak: float | None = None) -> Minute:
    return Minute(mean, 60.0, memory, 0.0, peak)


@pytest.mark.parametrize(
    ("used", "size", "near"),
    [
        (minute(69.0), SIZE, False),
        (minute(70.0), SIZE, True),
        (minute(10.0, peak=69.0), SIZE, False),
        (minute(10.0, peak=70.0), SIZE, True),
        (minute(memory=44 * MI), SIZE, False),
        (minute(memory=45 * MI), SIZE, True),
        (minute(69.0), REQUESTS, False),
        (minute(70.0), REQUESTS, True),
        (minute(memory=45 * MI), REQUESTS, True),
        (minute(), NOTHING, True),
        (NoMinute(Reason.WARMING_UP, "it has just started"), SIZE, True),
    ],
)
def test_it_is_near_from_seven_tenths_of_its_limit_on(
    used: Minute | NoMinute, size: Size, near: bool
) -> None:
    assert at_rest.near(used, size) is near


@pytest.mark.parametrize(
    ("interval", "rest"), [(1, 3.0), (5, 15.0), (10, 15.0), (15, 15.0), (30, 30.0)]
)
def test_rest_is_three_intervals_at_most_fifteen_seconds_and_never_less_than_one(
    interval: int, rest: float
) -> None:
    assert at_rest.seconds(interval) == rest


def test_all_are_read_each_third_time() -> None:
    rounds = Rounds(15.0)
    times = [5.0 * n + jitter for n, jitter in enumerate((0.0, 0.2, 0.3, -0.2, 0.1, 0.4, 0.0))]
    assert [rounds.everyone(at) for at in times] == [n % 3 == 0 for n in range(7)]


def test_without_rest_all_are_read_each_time() -> None:
    rounds = Rounds(0.0)
    assert [rounds.everyone(at) for at in (0.0, 0.1, 0.2)] == [True] * 3
