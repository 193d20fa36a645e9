"""Reports what was done, what was not, and why: log lines, events on the workload, metrics.

All three have the same reason codes (docs/reasons.md). An event is created only when phase or
reason changes, and for a few reasons when the message does; one fact makes one event. What fails
again in the same way is logged once, and counted each time.

| an event                                                 | is made                              |
| -------------------------------------------------------- | ------------------------------------ |
| a size is stored, a pod is handed back, a refusal        | when it happens                      |
| a pod is replaced                                        | unless the size's own event said why |
| nothing can be done (`Blocked`)                          | when that begins                     |
| other workloads have their pods replaced first           | once until a pod of this one is      |
| a replacement is coming                                  | no                                   |
"""

import logging
from collections import Counter
from dataclasses import dataclass, field

from kube.gateway import Gateway
from scaler.model import (
    Action,
    Adopt,
    Create,
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
from scaler.reporting.events import Event, Events, Subject
from scaler.reporting.journal import Journal
from scaler.reporting.metrics import Metrics
from scaler.reporting.node_problems import NodeProblems
from scaler.status.meaning import meaning
from scaler.status.update import BY_MESSAGE
from store.model import Phase, Workload
from store.reasons import Reason

logger = logging.getLogger(__name__)

WARNINGS = (Reason.BAD_ANNOTATION, Reason.UNSUPPORTED, Reason.REWRITTEN, Reason.ROLLED_BACK)
"""Reasons whose events are of type Warning, as are all with phase `Blocked` and all hand-backs."""


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
    _changed: dict[Workload, Reason] = field(default_factory=dict)
    """Why its size was changed last, where an event says so."""
    _waiting: set[Workload] = field(default_factory=set)
    """Those of which an event says that others are replaced first."""
    _counts: Counter[tuple[Phase, Reason]] = field(default_factory=Counter)
    """Workloads by phase and reason, as the gauge has them."""

    def __post_init__(self) -> None:
        self.events = Events(self.gateway, self.instance, self.metrics)
        self.bystanders = Bystanders(self.events)
        self.nodes = NodeProblems()

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
        if self._worth_an_event(plan, outcome, changed):
            self._event(plan, standing, owner_uid, now)
        if isinstance(action, Evict) and action.instead and outcome.done:
            why = Standing(Phase.APPLYING, Reason.SURGE_UNAVAILABLE, f"evicted: {action.instead}")
            self._event(plan, why, owner_uid, now)

    def summary(self, plans: list[Plan]) -> None:
        """Set the gauge of workloads by phase and reason; drop workloads that no longer exist."""
        present = {p.workload: p.standing for p in plans}
        for known in (self._reported, self._failing, self._changed):
            for gone in known.keys() - present.keys():
                del known[gone]
        self._waiting &= present.keys()
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

    def _worth_an_event(self, plan: Plan, outcome: Outcome, changed: bool) -> bool:
        action, w = plan.action, plan.workload
        if outcome.reason is not None:
            return changed
        match action:
            case Create() | Adopt() | Drain():
                return False
            case Delete() | HandBack():
                return outcome.done
            case Evict() | HandOver() | Resize():
                return outcome.done and self._another_fact(plan)
            case Write() | Wait() if _pending(plan):
                first = outcome.done and w not in self._waiting
                if not first or plan.standing.phase is not Phase.BLOCKED:
                    return False
                self._waiting.add(w)
                return True
            case Write():
                if outcome.done and changed:
                    self._changed[w] = plan.standing.reason
                return outcome.done and changed
            case Wait():
                return changed and plan.standing.phase is Phase.BLOCKED

    def _another_fact(self, plan: Plan) -> bool:
        """Whether the event of the change itself does not say it already."""
        w, reason = plan.workload, plan.standing.reason
        self._waiting.discard(w)
        before = self._changed.get(w)
        self._changed[w] = reason
        return before is not reason

    def _event(self, plan: Plan, standing: Standing, owner_uid: str, now: float) -> None:
        w, action = plan.workload, plan.action
        note = standing.message
        if isinstance(action, Evict | HandOver | HandBack | Delete | Resize):
            note = f"{action.pod}: {note}"
        subject = Subject(w.api_version, w.kind, w.namespace, w.name, owner_uid)
        warning = (
            standing.phase is Phase.BLOCKED
            or standing.reason in WARNINGS
            or isinstance(action, HandBack)
        )
        event = Event(subject, type(action).__name__, str(standing.reason), note, warning)
        self.events.make(event, now)


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


def _pending(plan: Plan) -> bool:
    return plan.standing.reason is Reason.PENDING_REPLACEMENT


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
