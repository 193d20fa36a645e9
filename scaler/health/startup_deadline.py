"""How long a new pod may take before its size is doubted. Pure.

An ordinary start-up must never count as a failure, so what is ordinary is read off the workload's
own pods: of the newest five that are Ready, how long each took from its creation on.

| what the workload's Ready pods show | to be placed on a node    | to be Ready              |
| ----------------------------------- | ------------------------- | ------------------------ |
| nothing: there are none             | the shortest              | the longest              |
| start-ups                           | three times their median, | the same                 |
|                                     | within both bounds        |                          |

A pod that lost its readiness and got it back seems to have started slowly: that errs on the side
of patience.
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
        """Seconds in which a pod of the workload must have a node."""
        return self._bounded(ordinary(pods), self.shortest)

    def to_be_ready(self, pods: Iterable[objects.Pod]) -> float:
        """Seconds in which one that has a node must be Ready."""
        return self._bounded(ordinary(pods), self.longest)

    def _bounded(self, usual: float | None, unknown: float) -> float:
        if usual is None:
            return unknown
        return min(max(FACTOR * usual, self.shortest), self.longest)


def ordinary(pods: Iterable[objects.Pod]) -> float | None:
    """The median of the last start-ups in seconds; None where no pod is Ready."""
    last = sorted(_startups(pods))[-_LAST:]
    return median(seconds for _, seconds in last) if last else None


def _startups(pods: Iterable[objects.Pod]) -> Iterator[tuple[float, float]]:
    """Of each Ready pod: when it was made, and how long it took."""
    for pod in pods:
        made, told = timestamps.seconds(pod.metadata.creation_timestamp), pod.condition("Ready")
        ready = timestamps.seconds(told.last_transition_time) if told and pod.ready else None
        if made is not None and ready is not None:
            yield made, max(0.0, ready - made)
