"""Readings that somebody else has kept, and whether a kubelet's own goes on from them. Pure.

A server of time series may mix up two clusters, hold one CPU's share of a counter, or have a clock
of its own. So its readings decide nothing before the kubelet has confirmed them:

| the first reading of the kubelet itself                     | theirs                         |
| ----------------------------------------------------------- | ------------------------------ |
| of another container, of a lower counter, or older          | are forgotten (see window.add) |
| of another counter at the same time                         | are forgotten                  |
| more than twice as much since as in any time between two of | are forgotten                  |
| theirs, and a tenth of a core                               |                                |
| otherwise                                                   | are gone on from               |

What is forgotten in error, as in the moment of a burst, costs the wait for a minute.
"""

from itertools import pairwise

from scaler.usage import window
from scaler.usage.window import Reading

_TIMES, _MORE = 2.0, 0.1  # of their highest rate; cores
_ROUNDING = 0.01  # seconds


def joined(offered: tuple[Reading, ...], new: Reading) -> tuple[Reading, ...]:
    """The readings with the kubelet's first one, by the table above."""
    return window.add(offered if offered and _goes_on(offered, new) else (), new)


def _goes_on(offered: tuple[Reading, ...], new: Reading) -> bool:
    last = offered[-1]
    used, seconds = new.cpu_seconds - last.cpu_seconds, new.at - last.at
    if seconds <= _ROUNDING:
        return abs(used) <= _ROUNDING
    rates = [_rate(a, b) for a, b in pairwise(offered) if b.at > a.at]
    return used / seconds <= _TIMES * max(rates, default=0.0) + _MORE


def _rate(before: Reading, after: Reading) -> float:
    return (after.cpu_seconds - before.cpu_seconds) / (after.at - before.at)
