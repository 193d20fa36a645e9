"""Whose turn it is to have a pod taken, cycle by cycle.

What the rest of the cluster has to say: cluster_limits.py; what was tried a moment ago is
remembered here. Nothing is lost with that memory: a new scaler asks once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from scaler.cluster.view import View
from scaler.disruption import circuit_breaker, cluster_limits, restart_budget
from scaler.disruption.attempts import Pace
from scaler.disruption.cluster_limits import Activity, ClusterLimits
from scaler.disruption.replaced import LastReplaced
from scaler.model import TAKES, HandBack, Outcome, Take, Verdict, Write, mends
from scaler.status import update
from store.reasons import Reason


@dataclass
class Turns:
    """Between cycles: who was refused, whose pod was taken, when the last trial was."""

    pace: Pace = field(default_factory=Pace)
    taken: LastReplaced = field(default_factory=LastReplaced)
    cluster_limits: Activity = field(default_factory=lambda: Activity(0, 0))
    _trial: float | None = None
    _ceilings: ClusterLimits = ClusterLimits()  # noqa: RUF009 (frozen)

    def begin(
        self, verdicts: Sequence[tuple[View, Verdict]], ceilings: ClusterLimits, now: float
    ) -> None:
        """A cycle with these verdicts."""
        seen = [_with_news(view, verdict) for view, verdict in verdicts]
        restarts = (v.podsize.status.restarts for v in seen if v.podsize)
        self._ceilings = ceilings
        self.traffic = Activity(
            sum(v.in_flight or self.taken.in_flight(view) for view, v in verdicts),
            sum(restart_budget.counting(r, now) for r in restarts),
            circuit_breaker.tripped(seen, ceilings.breaker, now),
            None if self._trial is None else now - self._trial,
        )

    def verdict(self, view: View, verdict: Verdict, now: float) -> Verdict | None:
        """The verdict as it may be carried out now; None: not yet, and there is nothing to say."""
        action = verdict.action
        if not isinstance(action, TAKES) or view.podsize is None:
            return verdict
        if self.pace.early(action, now):
            return None
        if mends(action):
            return verdict  # a pod in need waits for nobody
        if self.taken.in_flight(view):
            return None
        told = cluster_limits.blocked(self.traffic, self._ceilings)
        if told is None:
            return verdict
        said = update.written(view, view.podsize, view.podsize.status, told, now)
        return replace(verdict, standing=told, action=said)

    def came_of(self, view: View, action: Take, outcome: Outcome, now: float) -> Outcome:
        """Remember what came of an attempt. What stopped a trial is told as the breaker's."""
        if outcome.done:
            self.pace.granted(action)
            self.taken.add(view, action, outcome.version)
            self.traffic.count()
        else:
            self.pace.refused(action, now, outcome.reason)
        if not self.traffic.tripped or mends(action):
            return outcome
        if outcome.reason is not Reason.DISRUPTION_BUDGET:
            self._trial, self.traffic.trial = now, 0.0
        if outcome.done or outcome.reason is None:
            return outcome
        message = f"{self.traffic.tripped}; a trial was stopped: {outcome.message}"
        return replace(outcome, reason=Reason.BREAKER, message=message)


def _with_news(view: View, verdict: Verdict) -> View:
    """The workload with a failure that is only about to be written."""
    action, podsize = verdict.action, view.podsize
    status = action.status if isinstance(action, Write | HandBack) else None
    if podsize is None or status is None or podsize.status.backoff == status.backoff:
        return view
    return replace(view, podsize=replace(podsize, status=status))
