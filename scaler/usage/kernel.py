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

from collections.abc import Callable, Sequence

from msgspec import Struct

LEAST_PERIODS = 2.0
"""CFS periods a second that count at least (10 a second with the usual period of 100 ms)."""
STALLED = 0.05
"""Share of the time that a container waits for memory, from which it is short of it."""


class Kernel(Struct, frozen=True, gc=False):
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


def seen(looks: Sequence[Kernel], seconds: float) -> Seen:
    """Of looks at one container, oldest first: the newest `seconds` that they cover at least."""
    if not looks:
        return NOTHING
    newest = looks[-1]
    first = next((n for n, k in reversed([*enumerate(looks)]) if newest.at - k.at >= seconds), None)
    if first is None:
        return NOTHING
    begin, within = looks[first], looks[first:]
    needed = [k.needed for k in within if k.needed is not None]
    return Seen(
        _throttled(begin, newest),
        round(sum(needed) / len(needed)) if needed else None,
        max(needed, default=None),
        _short(begin, newest),
    )


def _throttled(begin: Kernel, end: Kernel) -> float | None:
    periods, throttled = (_more(begin, end, f) for f in (_periods, _throttled_periods))
    if periods is None or throttled is None:
        return None
    return min(1.0, throttled / max(periods, LEAST_PERIODS * (end.at - begin.at)))


def _short(begin: Kernel, end: Kernel) -> bool | None:
    waited, hits = _more(begin, end, lambda k: k.waited), _more(begin, end, lambda k: k.hits)
    if waited is not None:
        return waited >= STALLED * (end.at - begin.at)
    return None if hits is None else hits > 0


def _periods(look: Kernel) -> float | None:
    return look.periods


def _throttled_periods(look: Kernel) -> float | None:
    return look.throttled


def _more(begin: Kernel, end: Kernel, of: Callable[[Kernel], float | None]) -> float | None:
    before, after = of(begin), of(end)
    return None if before is None or after is None else max(0.0, after - before)
