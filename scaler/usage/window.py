"""The mean over one minute, from cumulative counters and their own timestamps. Pure.

It is exact, without interpolation and without fast sampling: the difference of two counter
readings divided by the difference of the times at which they were sampled. Missing or old data
never counts as "uses nothing": where there is no whole minute, there is a reason instead.

Adding a reading:

| the new reading                                        | the window                           |
| ------------------------------------------------------ | ------------------------------------ |
| same `at` as the newest                                | unchanged: it is the same sample;    |
|                                                        | what the kernel counts is added      |
| `at` earlier, by at most the jitter                    | unchanged: it came out of order      |
| `at` earlier by more, counter lower, another `started` | starts over: new container or clock  |
| another `counter`                                      | starts over: they cannot be compared |
| more than 120 s after an earlier reading               | drops that one: too far apart        |
| `received` is later by 90 s more than `at` is          | grows, but the reading is `old`: a   |
|                                                        | kubelet repeats what it had before   |
| otherwise                                              | grows, readings about a second apart |

Asking for the minute between the newest reading N and the latest O at least 60 s before it:

| readings                                         | answer                         |
| ------------------------------------------------ | ------------------------------ |
| none                                             | `NoUsage`                      |
| N received more than 90 s ago, by our clock; or  | `StaleUsage`                   |
| `old` when it was received                       |                                |
| no O, or O within 60 s of the container's start  | `WarmingUp`                    |
| O more than 120 s before N: readings are missing | `WarmingUp`                    |
| otherwise                                        | (N - O) / their own time apart |
"""

from msgspec import Struct
from msgspec.structs import replace

from scaler.usage.kernel import Kernel, seen
from store.reasons import Reason

SECONDS = 60.0
"""Seconds that a minute covers at least; also what is left out after a container's start."""
LONGEST = 120.0
"""Seconds that a minute covers at most: with more, readings are missing and a mean hides it."""
OLDEST = 90.0
"""Seconds since the newest reading, by our clock, after which it says nothing about now."""

_JITTER = 1.0  # the kubelet recomputes start times and rounds them
_SPACING = 1.0  # closer readings add nothing to a minute, only memory
_SLACK = 5.0  # cAdvisor is asked less often than it looks: two of its looks may just miss a minute
_EARLY = 15.0  # seconds of a container that is warming up, for what is said of its throttling
_ROUNDING = 0.0005  # timestamps are whole milliseconds; their float difference is not


class Reading(Struct, frozen=True, gc=False, array_like=True):
    """One reading of one container's cumulative counters."""

    at: float
    """Seconds, the kubelet's clock: when the counters were sampled."""
    received: float
    """Seconds, our clock: when this sample was first seen."""
    cpu_seconds: float
    memory: int
    """Bytes, the working set."""
    started: float
    """Seconds, the kubelet's clock: the container's start."""
    counter: float = 0.0
    """Which counter: 0 the kubelet's; else one of rate_counters.py, by the time it began."""
    old: bool = False
    """Whether it was old when it was received."""
    kernel: Kernel | None = None
    """What else is known of it; None: the node was not asked, or does not say."""


class Minute(Struct, frozen=True, gc=False):
    """`mean` in millicores over the `seconds` really covered; `memory` in bytes at its end.

    What its source does not know is None, which never means zero.
    """

    mean: float
    seconds: float
    memory: int
    received: float
    peak: float | None = None
    """Millicores: the largest mean between two readings."""
    throttled: float | None = None
    """Share of the CFS periods that were throttled, 0 to 1."""
    needed: int | None = None
    """Bytes that cannot be reclaimed, mean."""
    needed_peak: int | None = None
    """Bytes that cannot be reclaimed, at most."""
    short: bool | None = None
    """Whether the kernel had to reclaim or stall for want of memory."""


class NoMinute(Struct, frozen=True, gc=False):
    """Why there is no minute: NO_USAGE, WARMING_UP or STALE_USAGE."""

    reason: Reason
    message: str
    throttled: float | None = None
    """Of a container that is warming up: the share of throttled periods since its start."""


def add(readings: tuple[Reading, ...], new: Reading) -> tuple[Reading, ...]:
    """The readings that can still matter, oldest first (see the first table)."""
    if not readings:
        return (new,)
    newest = readings[-1]
    if -_JITTER <= new.at - newest.at <= 0 and not _another(newest, new):
        return _with_kernel(readings, new.kernel)
    if new.at < newest.at or new.cpu_seconds < newest.cpu_seconds or _another(newest, new):
        return (new,)
    if new.received - newest.received > new.at - newest.at + OLDEST:
        new = replace(new, old=True)
    kept = readings
    if len(kept) > 1 and kept[-1].at - kept[-2].at < _SPACING and not _another(kept[-2], new):
        kept = kept[:-1]
    return (*[r for r in kept if new.at - r.at <= LONGEST + _ROUNDING], new)


def minute(readings: tuple[Reading, ...], now: float) -> Minute | NoMinute:
    """The newest whole minute (see the second table); `now` in seconds of our clock.

    Our clock may step back: a reading from the future is fresh.
    """
    return stale(readings, now) or whole(readings)


def stale(readings: tuple[Reading, ...], now: float) -> NoMinute | None:
    """What the table's first two rows say: all that time alone changes."""
    if not readings:
        return NoMinute(Reason.NO_USAGE, "no usage has been read")
    if now - readings[-1].received > OLDEST:
        age = now - readings[-1].received
        return NoMinute(Reason.STALE_USAGE, f"the newest usage was read {age:.0f} s ago")
    return None


def whole(readings: tuple[Reading, ...]) -> Minute | NoMinute:
    """What the other rows say."""
    newest = readings[-1]
    if newest.old:
        return NoMinute(Reason.STALE_USAGE, "the newest usage was old when it was read")
    oldest, peak, end = None, 0.0, newest.at
    later, more = end, newest.cpu_seconds
    for reading in reversed(readings):
        if (at := reading.at) < later:
            less = reading.cpu_seconds
            rate = (more - less) / (later - at)
            peak = rate if rate > peak else peak
            later, more = at, less
        if end - at >= SECONDS - _ROUNDING:
            oldest = reading
            break
    if oldest is None or oldest.at - newest.started < SECONDS - _ROUNDING:
        early = seen(readings, _EARLY, newest.started - _ROUNDING).throttled
        return NoMinute(Reason.WARMING_UP, _warming_up(readings), early)
    seconds = newest.at - oldest.at
    if seconds > LONGEST + _ROUNDING:
        gap = f"usage is missing: the readings are {seconds:.0f} s apart, a minute starts over"
        return NoMinute(Reason.WARMING_UP, gap)
    mean = (newest.cpu_seconds - oldest.cpu_seconds) / seconds * 1000
    what = seen(readings, SECONDS - _SLACK, newest.started + SECONDS - _ROUNDING)
    return Minute(
        mean if mean > 0.0 else 0.0,
        seconds,
        newest.memory,
        newest.received,
        1000 * peak,
        what.throttled,
        what.needed,
        what.needed_peak,
        what.short,
    )


def _with_kernel(readings: tuple[Reading, ...], kernel: Kernel | None) -> tuple[Reading, ...]:
    newest = readings[-1]
    if kernel is None or newest.kernel is not None:
        return readings
    return (*readings[:-1], replace(newest, kernel=kernel))


def _another(before: Reading, after: Reading) -> bool:
    return before.counter != after.counter or abs(after.started - before.started) > _JITTER


def _warming_up(readings: tuple[Reading, ...]) -> str:
    newest = readings[-1]
    age = newest.at - newest.started
    if age < 2 * SECONDS:
        first = f"its first minute takes {2 * SECONDS:.0f} s"
        return f"the container runs for {max(0.0, age):.0f} s, {first}"
    covered = newest.at - readings[0].at
    return f"{covered:.0f} s of usage seen, a minute takes {SECONDS:.0f} s"
