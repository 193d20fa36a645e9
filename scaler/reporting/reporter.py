"""Reports what was done, what was not, and why: log lines, events on the workload, metrics.

All three have the same reason codes (docs/reasons.md). Which events there are: event_rule.py. What
fails again in the same way is logged once, and counted each time.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field

from kube.gateway import Gateway
from scaler.model import (
    Action,
    Delete,
    Drain,
    Evict,
    HandBack,
    HandOver,
    Outcome,
    Plan,
    Resize,
    Standing,
    Wait,
    Write,
)
from scaler.reporting.bystanders import Bystanders
from scaler.reporting.event_rule import EventRule, event_of
from scaler.reporting.events import Events
from scaler.reporting.journal import Journal
from scaler.reporting.metrics import Metrics
from scaler.reporting.node_problems import NodeProblems
from scaler.status.meaning import meaning
from scaler.status.update import BY_MESSAGE
from store.model import Phase, Workload
from store.reasons import Reason

logger = logging.getLogger(__name__)


@dataclass
class Reporter:
    """Reports to users. A failed report never stops the work."""

    gateway: Gateway
    instance: str
    metrics: Metrics = field(default_factory=Metrics)
    journal: Journal = field(default_factory=Journal)
    _tripped: str | None = None
    _reported: dict[Workload, tuple[Standing, str]] = field(default_factory=dict)
    _failing: dict[Workload, tuple[str, ...]] = field(default_factory=dict)
    """The failure of each workload that was logged last."""
    _counts: Counter[tuple[Phase, Reason]] = field(default_factory=Counter)
    """Workloads by phase and reason, as the gauge has them."""

    def __post_init__(self) -> None:
        self.events = Events(self.gateway, self.instance, self.metrics)
        self.bystanders = Bystanders(self.events)
        self.nodes = NodeProblems()
        self._rule = EventRule()

    def report(self, plan: Plan, outcome: Outcome, owner_uid: str, now: float) -> None:
        """Log the action, count it, and create an event if the state has changed."""
        if outcome.soon and not outcome.done:
            return
        action, standing = plan.action, _standing(plan, outcome)
        before = self._reported.get(plan.workload)
        changed = before is None or before[1] != _state(standing)
        if before and before[0].phase is Phase.BLOCKED and _instead(action, outcome):
            self._log(plan, outcome)
            return
        if not isinstance(action, Wait):
            name = type(action).__name__.lower()
            self.metrics.actions.labels(name, standing.reason, str(outcome.done).lower()).inc()
            self._log(plan, outcome)
        if outcome.done or outcome.reason is not None:
            self._reported[plan.workload] = standing, _state(standing)
            self.journal.note(plan, standing, outcome, now)
        if self._rule.worth_one(plan, outcome, changed=changed):
            self.events.make(event_of(plan, standing, owner_uid), now)
        if unresized := self._rule.unresized(plan, outcome):
            self.events.make(event_of(plan, unresized, owner_uid), now)
        if isinstance(action, Evict) and action.instead and outcome.done:
            why = Standing(Phase.APPLYING, Reason.SURGE_UNAVAILABLE, f"evicted: {action.instead}")
            self.events.make(event_of(plan, why, owner_uid), now)

    def summary(self, plans: list[Plan]) -> None:
        """Set the gauge of workloads by phase and reason; drop workloads that no longer exist."""
        present = {p.workload: p.standing for p in plans}
        for known in (self._reported, self._failing):
            for gone in known.keys() - present.keys():
                del known[gone]
        self._rule.keep(present.keys())
        self.journal.keep(present.keys())
        latest = (self._reported.get(w, (s, ""))[0] for w, s in present.items())
        counts = Counter((s.phase, s.reason) for s in latest) + self.bystanders.counted
        if counts == self._counts:
            return
        self._counts = counts
        self.metrics.workloads.clear()
        for (phase, reason), count in counts.items():
            self.metrics.workloads.labels(phase, reason).set(count)

    def breaker(self, tripped: str | None, failing: str = "") -> None:
        """Set the gauge; log once when the circuit breaker trips, and once when it closes."""
        if tripped and not self._tripped:
            fields = {"detail": tripped, "workloads": failing}
            logger.error("breaker tripped: no pod is replaced", extra=fields)
        if self._tripped and not tripped:
            logger.info("breaker closed", extra={"detail": self._tripped})
        self._tripped = tripped
        self.metrics.breaker.set(bool(tripped))

    def _log(self, plan: Plan, outcome: Outcome) -> None:
        """Log the action; a failure once, until something else comes of it."""
        fields = _fields(plan, outcome)
        failure = tuple(meaning(str(fields[n])) for n in ("action", "reason", "detail"))
        again = not outcome.done and self._failing.get(plan.workload) == failure
        if outcome.done:
            self._failing.pop(plan.workload, None)
        else:
            self._failing[plan.workload] = failure
        if not again:
            logger.info("action", extra=fields)


def _instead(action: Action, outcome: Outcome) -> bool:
    """Whether a pod may not be handed over: what follows is the eviction, or why there is none."""
    return isinstance(action, HandOver) and outcome.reason is Reason.REFUSED


def _standing(plan: Plan, outcome: Outcome) -> Standing:
    """The workload's status summary after the action."""
    if outcome.reason is None:
        return plan.standing
    return Standing(Phase.BLOCKED, outcome.reason, outcome.message)


def _state(standing: Standing) -> str:
    """What must change for a new event. Most messages do not count: their figures always change."""
    message = standing.message if standing.reason in BY_MESSAGE else ""
    return f"{standing.phase} {standing.reason} {message}"


def _fields(plan: Plan, outcome: Outcome) -> dict[str, object]:
    action = plan.action
    fields: dict[str, object] = {
        "workload": str(plan.workload),
        "action": type(action).__name__,
        "done": outcome.done,
        "reason": str(outcome.reason or plan.standing.reason),
        "detail": outcome.message or plan.standing.message,
    }
    if isinstance(action, Evict | HandOver | Resize):
        fields |= {"pod": action.pod, "revision": action.size.revision}
    if isinstance(action, Drain | Delete | HandBack):
        fields["pod"] = action.pod
    if isinstance(action, Write) and action.status.size:
        fields["revision"] = action.status.size.revision
    return fields
