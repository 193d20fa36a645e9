"""What the kernel counts of a container beyond CPU time, over the minute of window.py. Pure.

| over the minute                         | is                                                     |
| ----------------------------------------| ------------------------------------------------------ |
| share of throttled periods              | throttled / all CFS periods. Idle ones are not counted |
|                                         | by the kernel: two a second count at least, so that a  |
|                                         | probe now and then makes no container a throttled one  |
| memory that cannot be reclaimed         | its mean and its largest reading                       |
| short                                   | it waited for memory for 5 % of the time (PSI), or,    |
|                                         | where the kernel has no PSI, reached its limit         |
| anything that a reading or node lacks   | None: unknown, which never means zero                  |

Seconds of throttling are not looked at: kernels count them differently. What reached the limit may
have been page cache alone, so `short` says something only together with the memory it needs.
"""

from collections.abc import Sequence
from math import inf
from typing import Protocol

from msgspec import Struct

LEAST_PERIODS = 2.0
"""CFS periods a second that count at least (10 a second with the usual period of 100 ms)."""
STALLED = 0.05
"""Share of the time that a container waits for memory, from which it is short of it."""


class Kernel(Struct, frozen=True, gc=False, array_like=True):
    """One look of cAdvisor at one container; None: the node does not say.

    `at`: seconds, the kubelet's clock. `needed`: bytes that cannot be reclaimed. `waited`: seconds
    that it waited for memory; `hits`: how often it reached its limit. All but `needed` count from
    the container's start.
    """

    at: float
    periods: float | None = None
    throttled: float | None = None
    needed: int | None = None
    waited: float | None = None
    hits: float | None = None


class Seen(Struct, frozen=True, gc=False):
    """The minute, by the module's table."""

    throttled: float | None = None
    needed: int | None = None
    needed_peak: int | None = None
    short: bool | None = None


NOTHING = Seen()


class Looked(Protocol):
    """A reading, with what the kernel counted at about that time, where that is known."""

    @property
    def kernel(self) -> Kernel | None:
        """None: the node was not asked, or does not say."""


def seen(readings: Sequence[Looked], seconds: float, since: float = -inf) -> Seen:
    """Of looks at one container, oldest first: the newest `seconds` that they cover at least.

    None, and a look that is there twice, are passed over; one before `since` does not count.
    """
    # Few attributes are read and little is called: this is for each container and cycle.
    newest, last, end, total, number, peak = None, inf, 0.0, 0, 0, 0
    for reading in reversed(readings):
        look = reading.kernel
        if look is None or (at := look.at) >= last:
            continue
        if at < since:
            break
        last = at
        if newest is None:
            newest, end = look, at
        if (needed := look.needed) is not None:
            total, number = total + needed, number + 1
            peak = needed if needed > peak else peak
        if end - at >= seconds:
            mean, most = (round(total / number), peak) if number else (None, None)
            return Seen(_throttled(look, newest), mean, most, _short(look, newest))
    return NOTHING


def _throttled(begin: Kernel, end: Kernel) -> float | None:
    periods, before = end.periods, begin.periods
    throttled, then = end.throttled, begin.throttled
    if periods is None or throttled is None or before is None or then is None:
        return None
    # A counter that went back counts nothing.
    periods, throttled = periods - before, throttled - then
    least = LEAST_PERIODS * (end.at - begin.at)
    share = throttled / (periods if periods > least else least)
    return 0.0 if share < 0.0 else share if share < 1.0 else 1.0


def _short(begin: Kernel, end: Kernel) -> bool | None:
    waited, before = end.waited, begin.waited
    if waited is not None and before is not None:
        return waited - before >= STALLED * (end.at - begin.at)
    hits, then = end.hits, begin.hits
    return None if hits is None or then is None else hits > then
