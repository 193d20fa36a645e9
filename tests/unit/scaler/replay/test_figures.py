"""What sizes cost, in figures."""

from scaler.replay.course import Sized
from scaler.replay.figures import Figures, figures
from scaler.replay.trace import Trace
from store.model import Resources, Size

GI = 1024**3
SMALL = Size(Resources(100, GI), Resources(200, 2 * GI))
LARGE = Size(Resources(500, GI), Resources(None, 4 * GI))


def test_throttled_is_above_the_limit_and_wasted_below_the_request() -> None:
    trace = Trace("t", 0.0, (300.0, 150.0, 40.0, None))
    got = figures(trace, [Sized(0, SMALL)])
    assert got == Figures(0, 0.1 * 60, 0.06 * 60, 0, 0.0, 100.0)


def test_each_minute_counts_with_the_size_that_it_had() -> None:
    trace = Trace("t", 0.0, (300.0, 300.0, 300.0))
    got = figures(trace, [Sized(0, SMALL), Sized(1, LARGE)])
    assert (got.restarts, got.throttled, round(got.wasted, 6)) == (1, 6.0, 24.0)
    assert round(got.request) == 367


def test_kills_and_memory_that_was_not_used() -> None:
    trace = Trace("t", 0.0, (1.0,) * 60, (0.5 * GI,) * 59 + (3.0 * GI,))
    got = figures(trace, [Sized(0, SMALL)])
    assert got.ooms == 1
    assert round(got.memory_wasted, 3) == round(0.5 * 59 / 60, 3)


def test_as_json_is_rounded() -> None:
    assert Figures(1, 1.23456).as_json()["throttled"] == 1.2
