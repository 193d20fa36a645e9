"""The API server's time, read off the dates of its answers."""

import time
from collections.abc import Sequence
from contextlib import suppress
from email.utils import formatdate

import pytest

from kube.errors import KubeError
from kube.gateway import Gateway
from kube.servertime import ServerTime
from tests.unit.kube.scripted import Answer, Script

THEN = 1_800_000_000.0
"""The server's time as our monotonic clock reads 0."""
WRONG = 5.0


class Clock:
    """Both of our clocks: the monotonic one, and the one that is wrong."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.time = ServerTime(lambda: self.passed, lambda: WRONG)

    def answered(self, after: float, date: str | None, took: float = 0.0) -> None:
        self.passed = after
        self.time.observe(date, after - took)

    def error(self) -> float:
        return self.time.now() - THEN - self.passed


def date(after: float) -> str:
    return formatdate(THEN + after, usegmt=True)


@pytest.mark.parametrize(
    ("answers", "most"),
    [
        pytest.param([0.9], 0.5, id="one answer"),
        pytest.param([0.1, 1.9, 3.5], 0.2, id="several are more exact"),
        pytest.param([100_000.3], 0.5, id="long after the start"),
    ],
)
def test_server_time_is_as_exact_as_the_dates_of_the_answers(
    answers: Sequence[float], most: float
) -> None:
    clock = Clock()
    for after in answers:
        clock.answered(after, date(after))
    assert abs(clock.error()) <= most
    clock.passed += 3600
    assert abs(clock.error()) <= most, "an hour without an answer"


def test_a_slow_answer_makes_the_server_time_no_less_exact() -> None:
    clock = Clock()
    clock.answered(1.5, date(1.5))
    before = clock.error()
    clock.answered(61.5, date(1.7), took=60)
    assert clock.error() == pytest.approx(before)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_server_whose_own_clock_stepped_is_followed(step: float) -> None:
    clock = Clock()
    clock.answered(1.5, date(1.5))
    clock.answered(2.5, date(2.5 + step))
    assert clock.error() == pytest.approx(step, abs=0.5)


@pytest.mark.parametrize("nothing", [None, "", "yesterday"])
def test_without_a_date_in_the_answers_our_own_clock_is_used(nothing: str | None) -> None:
    clock = Clock()
    clock.answered(1.0, nothing)
    assert clock.time.now() == WRONG


@pytest.mark.parametrize("status", [200, 404])
def test_every_answer_tells_the_gateway(status: int, api: Script, gateway: Gateway) -> None:
    gateway.time = ServerTime(own=lambda: WRONG)
    api.answers = [Answer(status)]
    with suppress(KubeError):
        gateway.get("/p")
    assert abs(gateway.time.now() - time.time()) < 60
