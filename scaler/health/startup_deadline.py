"""How long a new pod may take to start before it counts as unhealthy. Pure.

A normal start-up must never count as a failure. What is normal is measured on the workload's own
pods: the time from creation to Ready of the five that became Ready last.

| Ready pods of the workload | deadline to be scheduled            | deadline to be Ready |
| -------------------------- | ----------------------------------- | -------------------- |
| none                       | `shortest`                          | `longest`            |
| at least one               | three times the median, but at      | the same             |
|                            | least `shortest`, at most `longest` |                      |

A pod that was not Ready for a while and became Ready again looks like a slow start. That makes the
deadline longer, which is the safe side.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from kube import objects, timestamps

FACTOR = 3.0
_LAST = 5


@dataclass(frozen=True, slots=True)
class Deadline:
    """The bounds, in seconds."""

    shortest: float = 60.0
    longest: float = 600.0

    def to_be_placed(self, pods: Iterable[objects.Pod]) -> float:
        """Seconds within which a pod of the workload must be scheduled."""
        return self._bounded(ordinary(pods), self.shortest)

    def to_be_ready(self, pods: Iterable[objects.Pod]) -> float:
        """Seconds within which a scheduled pod must be Ready."""
        return self._bounded(ordinary(pods), self.longest)

    def _bounded(self, usual: float | None, unknown: float) -> float:
        if usual is None:
            return unknown
        return min(max(FACTOR * usual, self.shortest), self.longest)


def ordinary(pods: Iterable[objects.Pod]) -> float | None:
    """The median duration of the last start-ups in seconds; None if no pod is Ready."""
    last = sorted(_startups(pods))[-_LAST:]
    return median(seconds for _, seconds in last) if last else None


def _startups(pods: Iterable[objects.Pod]) -> Iterator[tuple[float, float]]:
    """Creation time and seconds until Ready of each Ready pod."""
    for pod in pods:
        created = timestamps.seconds(pod.metadata.creation_timestamp)
        condition = pod.condition("Ready") if pod.ready else None
        ready = timestamps.seconds(condition.last_transition_time) if condition else None
        if created is not None and ready is not None:
            yield created, max(0.0, ready - created)
