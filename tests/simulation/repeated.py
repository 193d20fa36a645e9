"""How often the same is asked: what is refused, and what is asked as a dry run and then not done.

| what                                          | at most                                    |
| --------------------------------------------- | ------------------------------------------ |
| a call that somebody's policy refuses         | ten times in ten minutes, and for one size |
|                                               | eight times in five                        |
| anything as a dry run about a workload, while | ten times in ten minutes                   |
| nothing changes that it could depend on       |                                            |
"""

from collections import deque
from dataclasses import dataclass, field

_REFUSED = (10, 600.0)
_FOR_ONE_SIZE = (8, 300.0)
_DRY = (10, 600.0)
_KEPT = 11


@dataclass
class Repeated:
    """Counts of one run, by the true clock; each answers which limit was broken, or None."""

    _times: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def refused(self, call: str, revisions: str, now: float) -> str | None:
        """Somebody refuses it; `revisions`: of the sizes that are stored."""
        soon = _counted(self._of(call, f"refused {revisions}"), now, _FOR_ONE_SIZE)
        return _counted(self._of(call, "refused"), now, _REFUSED) or soon

    def dry(self, workload: str, state: str, now: float) -> str | None:
        """Something is asked as a dry run; `state`: all that a wait could end with."""
        return _counted(self._of(f"dry {workload}", state), now, _DRY)

    def _of(self, call: str, state: str) -> deque[float]:
        return self._times.setdefault((call, state), deque(maxlen=_KEPT))


def _counted(times: deque[float], now: float, limit: tuple[int, float]) -> str | None:
    times.append(now)
    most, seconds = limit
    if len(times) <= most or now - times[-most - 1] >= seconds:
        return None
    return f"{most + 1} in {now - times[-most - 1]:.0f} s"
