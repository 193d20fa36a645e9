"""Is a container pinned at its limit? From two readings to one sample, and on. Pure.

| one sample, 100 ms                                        | the container                        |
| --------------------------------------------------------- | ------------------------------------ |
| used 90 % of the quota and more                           | is pinned in it                      |
| used half of the quota and more, and every CFS period     | is pinned in it: it was measured a   |
| that ended in it was throttled                            | little too early or too late         |
| neither                                                   | is not: the count starts again       |
| it has no quota                                           | is not                               |
| the quota is another than before                          | the count starts again               |
| a counter went back: another container of that name       | the count starts again, nothing said |
| the readings are 0.5 s apart and more, or not apart       | the count starts again: the agent    |
|                                                           | was held up, and a mean hides bursts |

`needed` pinned samples in a row are an event, and each second of them after it is another one: what
is lost is made good, and a container is never reported more often than once a second.

The last sample of a first event is not waited for to its end: once a third of what the quota gives
a sample is used in it, at no lower rate than the quota's, the load has lasted (decision 90).
"""

from msgspec import Struct
from msgspec.structs import replace

from agent.counters import Counters

SECONDS = 0.1
"""Of a sample."""
SHARE = 0.9
"""Of the quota, from which a sample is pinned."""
PINCHED = 0.5
"""Of the quota, from which one is that was throttled all the time. What ran until a moment ago is
counted as throttled after that, so using nothing is not pinned."""
ENOUGH, LEAST = 1 / 3, 5.0
"""Of what the quota gives a sample, and millicore-seconds: so much used in the last sample is the
load itself, and not what a program does as its load ends."""
AGAIN = 1.0
"""Seconds between two events while it lasts."""
APART = 0.5
"""Seconds between two readings, from which they say nothing of what was between them."""
_TOLERANCE = 0.5
"""Millicores that two readings of one quota may differ."""


class Sample(Struct, frozen=True, gc=False):
    """What was between two readings: `used` and `quota` in millicores (None: no limit)."""

    seconds: float
    used: float
    quota: float | None
    periods: int
    throttled: int

    @property
    def pinned(self) -> bool:
        """By the first table's rows about one sample."""
        if self.quota is None:
            return False
        if self.used >= SHARE * self.quota:
            return True
        return self.used >= PINCHED * self.quota and 0 < self.periods <= self.throttled


class Streak(Struct, frozen=True, gc=False):
    """The pinned samples in a row. `reported`: seconds of it at the last event; None: none yet."""

    number: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    """Millicore-seconds."""
    periods: int = 0
    throttled: int = 0
    quota: float = 0.0
    reported: float | None = None


class Event(Struct, frozen=True, gc=False):
    """Pinned for `seconds`; `used` is the mean over them, `throttled` the share of periods."""

    seconds: float
    used: float
    quota: float
    throttled: float


NONE = Streak()


def between(before: Counters, after: Counters, seconds: float) -> Sample | None:
    """What was between two readings that are `seconds` apart; None: nothing can be said."""
    if not 0.0 < seconds < APART or after.cpu < before.cpu or after.periods < before.periods:
        return None
    if after is before:
        return Sample(seconds, 0.0, after.quota, 0, 0)
    used = (after.cpu - before.cpu) / seconds / 1000
    throttled = max(0, after.throttled - before.throttled)
    same = after.quota == before.quota or _near(before.quota, after.quota)
    quota = after.quota if same else None
    return Sample(seconds, used, quota, after.periods - before.periods, throttled)


def followed(streak: Streak, sample: Sample | None, needed: int) -> tuple[Streak, Event | None]:
    """The streak with one more sample, and what is to be reported."""
    if sample is None or sample.quota is None or not sample.pinned:
        return NONE, None
    if streak.number and not _near(streak.quota, sample.quota):
        streak = NONE
    grown = Streak(
        streak.number + 1,
        streak.seconds + sample.seconds,
        streak.cpu + sample.used * sample.seconds,
        streak.periods + sample.periods,
        streak.throttled + sample.throttled,
        sample.quota,
        streak.reported,
    )
    if grown.number < needed or (
        grown.reported is not None and grown.seconds - grown.reported < AGAIN
    ):
        return grown, None
    return replace(grown, reported=grown.seconds), _event(grown)


def near(streak: Streak, needed: int) -> bool:
    """Whether one more sample makes a first event."""
    return streak.number == needed - 1 and streak.reported is None


def concluded(streak: Streak, begun: Sample | None) -> tuple[Streak, Event | None]:
    """What is to be reported of a streak that is near, `begun` being its last sample so far."""
    if begun is None or not _near(streak.quota, begun.quota):
        return streak, None
    cpu, whole = begun.used * begun.seconds, streak.quota * SECONDS
    enough = min(SHARE * whole, max(ENOUGH * whole, LEAST))
    if cpu < enough or begun.used < SHARE * streak.quota:
        return streak, None
    seconds = streak.seconds + begun.seconds
    sofar = replace(
        streak,
        seconds=seconds,
        cpu=min(streak.cpu + cpu, streak.quota * seconds),
        periods=streak.periods + begun.periods,
        throttled=streak.throttled + begun.throttled,
    )
    return replace(streak, reported=seconds), _event(sofar)


def _event(streak: Streak) -> Event:
    share = streak.throttled / streak.periods if streak.periods else 0.0
    return Event(
        streak.seconds, streak.cpu / streak.seconds, streak.quota, min(1.0, max(0.0, share))
    )


def _near(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and abs(a - b) <= _TOLERANCE
