"""The cluster gate: may this workload have a pod replaced in this cycle?

The limits for the cluster are in cluster_limits.py. Here is the memory of recent attempts. A new
scaler starts without it and loses nothing: it asks the API server once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from scaler.cluster import in_flight, kubelet_says
from scaler.cluster.kubelet_says import initializing
from scaler.cluster.view import View
from scaler.disruption import circuit_breaker, cluster_limits, restart_budget
from scaler.disruption.attempts import Pace
from scaler.disruption.cluster_limits import Activity, ClusterLimits
from scaler.disruption.replaced import LastReplaced
from scaler.model import (
    TAKES,
    Action,
    HandBack,
    Outcome,
    Plan,
    Resize,
    Standing,
    Write,
    mends,
)
from scaler.resizing import burst_guard
from scaler.status import update
from store.model import Workload
from store.reasons import Reason

_APART = 300.0
"""Seconds between two cycles at most: the longest `scaler.interval`. A clock may show more."""


@dataclass
class Turns:
    """Kept between cycles: refused attempts, pods just replaced, the time of the last trial."""

    pace: Pace = field(default_factory=Pace)
    taken: LastReplaced = field(default_factory=LastReplaced)
    traffic: Activity = field(default_factory=lambda: Activity(0, 0))
    failing: str = ""
    """Which workloads have tripped the circuit breaker."""
    _flown: dict[Workload, float] = field(default_factory=dict)
    """Seconds for which each workload in flight has been: a restart is as patient once more."""
    _at: float = float("inf")
    """When the last cycle began."""
    _passed: float = 0.0
    """Seconds since then, which no clock that steps adds to."""
    _trial: float | None = None
    _ceilings: ClusterLimits = ClusterLimits()  # noqa: RUF009 (frozen)

    def begin(
        self, plans: Sequence[tuple[View, Plan]], ceilings: ClusterLimits, now: float
    ) -> None:
        """Start a cycle: count what is in flight, and whether the circuit breaker is tripped."""
        views = [_with_new_failure(view, planned) for view, planned in plans]
        restarts = (v.podsize.status.restarts for v in views if v.podsize)
        self._ceilings = ceilings
        self._passed, self._at = min(max(0.0, now - self._at), _APART), now
        self.traffic = Activity(
            sum(self._takes_a_place(view, planned, now) for view, planned in plans),
            sum(restart_budget.counting(r, now) for r in restarts),
            circuit_breaker.tripped(views, ceilings.breaker, now),
            None if self._trial is None else now - self._trial,
        )
        tripped = self.traffic.tripped
        self.failing = circuit_breaker.named(views, ceilings.breaker, now) if tripped else ""

    def _replacing(self, view: View, planned: Plan, now: float) -> bool:
        """Whether its last replacement is not complete; not if it waits for no matter of ours."""
        said = (kubelet_says.outside(s.pod) or initializing(s.pod) for s in view.unready)
        stuck = any(said)
        reported = planned.standing.reason is Reason.NOT_READY
        return not (stuck and reported) and self.taken.in_flight(view, now)

    def admitted(self, view: View, planned: Plan, now: float) -> Plan | None:
        """The plan as it may be carried out now; None: not yet, and there is nothing to report."""
        action = planned.action
        if self.pace.early(action, now, view):
            return None
        if isinstance(action, Resize):
            burst = burst_guard.young(view, now)
            stop = cluster_limits.crowded(self.traffic, self._ceilings, burst=burst)
            return planned if action.withdraws else _limited(stop, view, planned, now)
        if not isinstance(action, TAKES):
            return planned
        if mends(action):
            return planned  # an unhealthy pod is exempt from the limits
        if self.taken.in_flight(view, now):
            return None
        return _limited(cluster_limits.blocked(self.traffic, self._ceilings), view, planned, now)

    def _said(self, action: Action, outcome: Outcome) -> Outcome:
        """What fails again and again has a reason, though nobody refuses it."""
        if outcome.reason or outcome.soon or not isinstance(action, (*TAKES, Resize)):
            return outcome
        if not self.pace.stuck(action.workload):
            return outcome
        message = f"{action.pod} is tried again and again: {outcome.message}"
        return replace(outcome, reason=Reason.PENDING_REPLACEMENT, message=message)

    def _takes_a_place(self, view: View, planned: Plan, now: float) -> bool:
        """Whether it counts as in flight: for a time, measured from one cycle to the next."""
        replacing = self._replacing(view, planned, now)
        resizing = burst_guard.young(view, now) and in_flight.complete(view)
        flying = replacing or (planned.in_flight and not resizing)
        if not flying or in_flight.only_lingers(view, now):
            self._flown.pop(view.workload, None)
            return False
        before = self._flown.get(view.workload)
        flown = self._flown[view.workload] = 0.0 if before is None else before + self._passed
        return flown < self._ceilings.longest

    def came_of(self, view: View, action: Action, outcome: Outcome, now: float) -> Outcome:
        """Remember an attempt. What stopped a trial is reported with the reason `Breaker`."""
        if outcome.done:
            self.pace.granted(action)
            if outcome.unwritten:  # a pod was handed back all the same
                self.pace.refused(action, now, replace(outcome, reason=Reason.REFUSED), view)
        else:
            self.pace.refused(action, now, outcome, view)
            outcome = self._said(action, outcome)
        if isinstance(action, Resize) and outcome.done and not burst_guard.young(view, now):
            self.traffic.in_flight += 1  # it restarts nothing, so no budget counts it
        if not isinstance(action, TAKES):
            return outcome
        if outcome.done:
            self.taken.add(view, action, outcome.version)
            self._flown.pop(view.workload, None)
            self.traffic.count()
        if not self.traffic.tripped or mends(action):
            return outcome
        if outcome.reason is not Reason.DISRUPTION_BUDGET:
            self._trial, self.traffic.trial = now, 0.0
        if outcome.done or outcome.reason is None:
            return outcome
        message = f"{self.traffic.tripped}; a trial was stopped: {outcome.message}"
        return replace(outcome, reason=Reason.BREAKER, message=message)


def _limited(standing: Standing | None, view: View, planned: Plan, now: float) -> Plan:
    """The plan, or what its status says while it waits for others."""
    if standing is None or view.podsize is None:
        return planned
    write = update.written(view, view.podsize, view.podsize.status, standing, now)
    return replace(planned, standing=standing, action=write)


def _with_new_failure(view: View, planned: Plan) -> View:
    """The workload with a failure that this cycle is about to write."""
    action, podsize = planned.action, view.podsize
    status = action.status if isinstance(action, Write | HandBack) else None
    if podsize is None or status is None or podsize.status.backoff == status.backoff:
        return view
    return replace(view, podsize=replace(podsize, status=status))
