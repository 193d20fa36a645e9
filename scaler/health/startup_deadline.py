"""How long a new pod may take to start before it counts as unhealthy. Pure.

A normal start-up must never count as a failure. What is normal is measured on the workload's own
pods: the time from creation to Ready of the five that became Ready last. Where none is Ready any
more (its only pod is being replaced), what was measured while one was counts.

| start-ups     | deadline to be scheduled            | deadline to be Ready                       |
| ------------- | ----------------------------------- | ------------------------------------------ |
| none is known | `shortest`                          | `longest`, or what it declares             |
| known         | three times the median, but at      | the same, but at most the largest of       |
|               | least `shortest`, at most `longest` | `longest`, what it declares, three times   |
|               |                                     | the shortest start-up                      |

So what has always taken longer than `longest` is not broken. What a template declares: its startup
probes, which give a container `initialDelaySeconds + failureThreshold * periodSeconds`, and a
Deployment's `progressDeadlineSeconds`, unless that is the default. Nothing is given more than two
hours (or `longest`, where that is more).

A container that was started again is measured from that start. A pod that was not Ready for a while
and became Ready again looks like a slow start. That makes the deadline longer, the safe side; by
more than `longest` only if all of the five look like that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from msgspec import Struct

from kube import objects, timestamps
from kube.memo import once
from scaler.cluster.view import View
from store.model import Workload

FACTOR = 3.0
MOST = 7200.0
"""Seconds that no learnt or declared deadline exceeds."""
_LAST = 5
_DEFAULT_PROGRESS = 600
"""The API server's default for `progressDeadlineSeconds`: it says nothing about the program."""


class Startups(Struct, frozen=True, array_like=True):
    """Seconds that start-ups of a workload take: the median, and the shortest of the last five."""

    usual: float
    shortest: float


class Deadline(Struct, frozen=True):
    """The bounds, in seconds; `declared`: by the template. `known`: when pods were still Ready."""

    shortest: float = 60.0
    longest: float = 600.0
    declared: float = 0.0
    known: Startups | None = None

    def to_be_placed(self, pods: Iterable[objects.Pod]) -> float:
        """Seconds within which a pod of the workload must be scheduled."""
        seen = startups(pods) or self.known
        return self.shortest if seen is None else self._bounded(seen, self.longest)

    def to_be_ready(self, pods: Iterable[objects.Pod]) -> float:
        """Seconds within which a scheduled pod must be Ready."""
        seen = startups(pods) or self.known
        most = max(self.longest, min(self.declared, MOST))
        if seen is None:
            return most
        return self._bounded(seen, max(most, min(FACTOR * seen.shortest, MOST)))

    def explained(self, pods: Sequence[objects.Pod]) -> str | None:
        """Why the deadline is longer than the longest; None: it is not."""
        allowed = self.to_be_ready(pods)
        if allowed <= self.longest:
            return None
        seen = startups(pods) or self.known
        usual = f"start-ups take {seen.usual:.0f} s" if seen else "as the template declares"
        return f"{usual}, {allowed:.0f} s are allowed"

    def _bounded(self, seen: Startups, most: float) -> float:
        return min(max(FACTOR * seen.usual, self.shortest), most)


def startups(pods: Iterable[objects.Pod]) -> Startups | None:
    """How long the last start-ups took; None if no pod is Ready."""
    took = [seconds for _, seconds in sorted(_startups(pods))[-_LAST:]]
    return Startups(median(took), min(took)) if took else None


def remembered(
    before: Mapping[Workload, Startups], views: Iterable[View]
) -> dict[Workload, Startups]:
    """`before` with what is seen now: kept while no pod of a workload is Ready."""
    found = ((v.workload, _seen(v) or before.get(v.workload)) for v in views if v.podsize)
    return {workload: took for workload, took in found if took}


@once
def _seen(view: View) -> Startups | None:
    return startups((*view.pods, *view.held))


def declared(view: View) -> float:
    """Seconds that the workload's own template gives a start-up; 0: it says nothing."""
    probes = [
        probe.initial_delay_seconds + probe.failure_threshold * probe.period_seconds
        for c in (*view.template.containers, *(view.template.init_containers or ()))
        if (probe := c.startup_probe)
    ]
    progress = view.owner.spec.progress_deadline_seconds if view.owner else None
    if progress in (None, _DEFAULT_PROGRESS):
        progress = 0
    return float(max([progress or 0, *probes]))


def _startups(pods: Iterable[objects.Pod]) -> Iterator[tuple[float, float]]:
    """Creation time and seconds until Ready of each Ready pod."""
    for pod in pods:
        created = timestamps.seconds(pod.metadata.creation_timestamp)
        condition = pod.condition("Ready") if pod.ready else None
        ready = timestamps.seconds(condition.last_transition_time) if condition else None
        if created is not None and ready is not None:
            yield created, max(0.0, ready - max([created, *_restarts(pod, ready)]))


def _restarts(pod: objects.Pod, ready: float) -> Iterator[float]:
    """When its containers were started again, where that was before it became Ready."""
    for one in pod.status.container_statuses or ():
        running = one.state.running if one.restart_count else None
        began = timestamps.seconds(running.started_at) if running else None
        if began is not None and began <= ready:
            yield began
