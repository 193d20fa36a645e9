"""How often the same is asked: what is refused, and what is asked as a dry run and then not done.

| what                                          | at most                                    |
| --------------------------------------------- | ------------------------------------------ |
| a call that somebody's policy refuses         | ten times in ten minutes, and eight times  |
|                                               | in five                                    |
| a dry run, while no size is stored and no pod | sixteen times in five minutes; looks of    |
| replaced                                      | two seconds are one                        |
"""

from collections import deque
from dataclasses import dataclass, field

_REFUSED = ((8, 300.0), (10, 600.0))
_DRY = ((16, 300.0),)
_KEPT = 17
_ONE = 2.0
"""Seconds within which a probe is repeated where a webhook is a moment behind."""


@dataclass
class Repeated:
    """Counts of one run, by the true clock; each answers which limit was broken, or None."""

    _refused: dict[str, deque[float]] = field(default_factory=dict)
    _dry: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def refused(self, call: str, now: float) -> str | None:
        """Somebody refuses it."""
        return _counted(self._refused.setdefault(call, deque(maxlen=_KEPT)), now, *_REFUSED)

    def dry(self, call: str, state: str, now: float) -> str | None:
        """It is asked as a dry run; `state`: what is stored and done so far."""
        times = self._dry.setdefault((call, state), deque(maxlen=_KEPT))
        if times and now - times[-1] < _ONE:
            return None
        return _counted(times, now, *_DRY)


def _counted(times: deque[float], now: float, *limits: tuple[int, float]) -> str | None:
    times.append(now)
    for most, seconds in limits:
        if len(times) > most and now - times[-most - 1] < seconds:
            return f"{most + 1} in {now - times[-most - 1]:.0f} s"
    return None
