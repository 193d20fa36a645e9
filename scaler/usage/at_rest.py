"""How often nodes are read: less often where nothing is near a decision. Pure.

| a container                                                       | its node is read       |
| ----------------------------------------------------------------- | ---------------------- |
| without a whole minute: it has just started, or nothing is known  | each interval          |
| whose CPU between two readings, or memory, was `NEAR` of its      | each interval          |
| limit (of its request, without one) within the minute             |                        |
| without either                                                    | each interval          |
| any other                                                         | each `seconds`         |

No rule is slower for it: each takes the mean of a minute, and from below `NEAR` to a mean of 90 %
of the limit a load needs 40 s, of which the next reading but one tells. What is throttled is read
of all nodes alike, four times a minute.
"""

from scaler.usage.window import Minute, NoMinute
from store.model import Size

NEAR = 0.7
"""Share of a limit."""
_ROUNDS, _MOST = 3, 15.0  # intervals, seconds: what a stock kubelet takes to look again
_EARLY = 1.0  # seconds: what an interval is longer or shorter than another


def seconds(interval: float) -> float:
    """Between two reads of a node on which nothing is near; `interval` in seconds, too."""
    return max(interval, min(_ROUNDS * interval, _MOST))


def near(minute: Minute | NoMinute, size: Size) -> bool:
    """Whether a container with these requests and limits has to be looked at each interval."""
    if isinstance(minute, NoMinute):
        return True
    cpu = size.limits.cpu or size.requests.cpu
    memory = size.limits.memory or size.requests.memory
    if cpu is None and memory is None:
        return True
    most = minute.mean if minute.peak is None else minute.peak
    return bool(
        (cpu is not None and most >= NEAR * cpu)
        or (memory is not None and minute.memory >= NEAR * memory)
    )


class Rounds:
    """When all nodes are read, and when those alone that are not at rest."""

    def __init__(self, rest: float) -> None:
        """`rest`: seconds between two reads of all."""
        self._rest = rest
        self._last = -float("inf")

    def everyone(self, at: float) -> bool:
        """Whether all nodes are read by a scrape that begins `at` (monotonic seconds)."""
        if at - self._last < self._rest - _EARLY:
            return False
        self._last = at
        return True
