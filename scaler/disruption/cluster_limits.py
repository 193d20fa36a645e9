"""Do the limits for all workloads together allow one more replacement? Pure.

| in the cluster                                               | the pod                           |
| ------------------------------------------------------------ | --------------------------------- |
| the circuit breaker is tripped (circuit_breaker.py), and a   | waits, `Breaker`                  |
| replacement is in flight or the last trial was less than a   |                                   |
| minute ago                                                   |                                   |
| it is tripped, and neither holds                             | is replaced as the trial, after a |
|                                                              | probe                             |
| the restarts of all workloads in this hour are used up       | waits, `RestartBudget`            |
| as many replacements are in flight as allowed                | waits, `PendingReplacement`       |
| otherwise                                                    | is replaced                       |

The limits are the same for eviction and hand-over (surge.py). A held pod counts as in flight until
it is gone or handed back. One that is still in flight after `longest` seconds (an image that cannot
be pulled, a pod that never ends, a node that is away) holds only its own workload up. Unhealthy
pods (rollback.py) are exempt from all of them.

A trial whose pod has the stored size and becomes Ready closes the breaker; one that fails counts as
the next failure.
"""

from dataclasses import dataclass

from msgspec import Struct

from scaler.disruption.circuit_breaker import Terms
from scaler.model import Standing
from store.model import Phase
from store.reasons import Reason


class ClusterLimits(Struct, frozen=True):
    """For all workloads together: replacements in flight, replacements in an hour, the breaker."""

    in_flight: int = 3
    restarts: int = 60
    breaker: Terms = Terms()
    longest: float = 600.0
    """Seconds after which a replacement that is still in flight gives its place to the next."""


@dataclass
class Activity:
    """Replacements in the cluster; updated as pods are replaced within a cycle.

    `restarts`: in this clock hour. `tripped`: the circuit breaker's message. `trial`: seconds since
    the last trial began; None: there was none.
    """

    in_flight: int
    restarts: int
    tripped: str | None = None
    trial: float | None = None

    def count(self) -> None:
        """Count one more replacement."""
        self.in_flight += 1
        self.restarts += 1


def blocked(activity: Activity, limits: ClusterLimits) -> Standing | None:
    """The status summary of a workload whose pod must wait; None: the pod may be replaced."""
    if activity.tripped:
        pausing = activity.trial is not None and 0 <= activity.trial < limits.breaker.pause
        if activity.in_flight or pausing:
            return Standing(Phase.BLOCKED, Reason.BREAKER, activity.tripped)
    if activity.restarts >= limits.restarts:
        message = f"{limits.restarts} restarts in the cluster in this hour"
        return Standing(Phase.BLOCKED, Reason.RESTART_BUDGET, message)
    return _many(activity, limits)


def crowded(activity: Activity, limits: ClusterLimits, *, burst: bool) -> Standing | None:
    """The same for a pod that is resized in place: nothing restarts, so no budget counts it.

    For a burst there is no limit either: nothing is replaced where it fails. While the breaker is
    tripped all of them wait: what fails everywhere is not spread further.
    """
    if activity.tripped:
        return Standing(Phase.BLOCKED, Reason.BREAKER, activity.tripped)
    return None if burst else _many(activity, limits)


def _many(activity: Activity, limits: ClusterLimits) -> Standing | None:
    if activity.in_flight >= limits.in_flight:
        message = f"waiting: {limits.in_flight} replacements are in progress in the cluster"
        message += " (limit scaler.restarts.inFlight)"
        return Standing(Phase.BLOCKED, Reason.PENDING_REPLACEMENT, message)
    return None
