"""Usage that somebody made up, each for one question: the shapes of issue trackers. Pure.

Each is eight to sixteen days of minutes, with a little noise from a fixed seed.
"""

from collections.abc import Callable, Iterator
from math import pi, sin
from random import Random

from scaler.replay.trace import Trace

HOUR, DAY, WEEK = 60, 1440, 10080
MI = 1024**2


def ramp(minute: int) -> float:
    """From 50m to a core and a half in ten days."""
    return 50 + 1450 * min(1.0, minute / (10 * DAY))


def spike(minute: int) -> float:
    """80m; once, on the sixth day, a core for three hours."""
    return 1000 if 5 * DAY + 600 <= minute < 5 * DAY + 780 else 80


def daily(minute: int) -> float:
    """Between 50m at night and 550m at noon."""
    return 300 - 250 * sin(2 * pi * (minute / DAY + 0.25))


def weekly(minute: int) -> float:
    """As daily, and a quarter of it at weekends."""
    return daily(minute) * (0.25 if minute % WEEK >= 5 * DAY else 1.0)


def cron(minute: int) -> float:
    """20m, and 600m for ten minutes each two hours."""
    return 600 if minute % (2 * HOUR) < 10 else 20


def idle(minute: int) -> float:
    """2m."""
    return 2


def warm_up(minute: int) -> float:
    """A core for its first ten minutes of each day (it is restarted then), 100m afterwards."""
    return 1000 if minute % DAY < 10 else 100


SHAPES: dict[str, Callable[[int], float]] = {
    f.__name__: f for f in (ramp, spike, daily, weekly, cron, idle, warm_up)
}


def traces(days: int = 14) -> Iterator[Trace]:
    """All of them; `leak` is the one with memory."""
    for name, shape in SHAPES.items():
        chance = Random(name)
        cpu = tuple(shape(m) * chance.uniform(0.95, 1.05) for m in range(days * DAY))
        yield Trace(name, 0.0, cpu)
    yield leak(days)


def leak(days: int = 14) -> Trace:
    """40 Mi, and a megabyte more every two hours: after two weeks 208 Mi."""
    minutes = days * DAY
    memory = tuple(40.0 * MI + MI * m / (2 * HOUR) for m in range(minutes))
    return Trace("leak", 0.0, (50.0,) * minutes, memory)


def step(before: int, after: int, days: int = 8) -> Trace:
    """So many days of one usage, and a day of another."""
    return Trace("step", 0.0, (float(before),) * (days * DAY) + (float(after),) * DAY)
