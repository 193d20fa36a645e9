"""Reports what was done, what was not, and why: log lines, events on the workload, metrics.

All three have the same reason codes (docs/reasons.md). An event is created only when phase or
reason changes, and for a few reasons when the message does. Its name contains a hash of its
contents, so creating the same event again has no effect.
"""

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, field

from kube import kinds, timestamps
from kube.errors import Conflict, KubeError
from kube.gateway import Gateway
from scaler.model import (
    Adopt,
    Create,
    Delete,
    Drain,
    Evict,
    HandBack,
    HandOver,
    Outcome,
    Plan,
    Standing,
    Wait,
    Write,
)
from scaler.reporting.metrics import Metrics
from scaler.status.update import BY_MESSAGE
from store.model import Phase, Workload
from store.reasons import Reason

logger = logging.getLogger(__name__)

WARNINGS = (Reason.BAD_ANNOTATION, Reason.UNSUPPORTED, Reason.REWRITTEN, Reason.ROLLED_BACK)
"""Reasons whose events are of type Warning, as are all events with phase `Blocked`."""

_LONGEST_NOTE = 1000  # characters; the API server allows 1024


@dataclass
class Reporter:
    """Reports to users. A failed report never stops the work."""

    gateway: Gateway
    instance: str
    metrics: Metrics = field(default_factory=Metrics)
    _tripped: str | None = None
    _reported: dict[Workload, tuple[Standing, str]] = field(default_factory=dict)

    def report(self, plan: Plan, outcome: Outcome, owner_uid: str, now: float) -> None:
        """Log the action, count it, and create an event if the state has changed."""
        if outcome.soon and not outcome.done:
            return
        action, standing = plan.action, _standing(plan, outcome)
        before = self._reported.get(plan.workload)
        changed = before is None or before[1] != _state(standing)
        if not isinstance(action, Wait):
            name = type(action).__name__.lower()
            self.metrics.actions.labels(name, standing.reason, str(outcome.done).lower()).inc()
            logger.info("action", extra=_fields(plan, outcome))
        if outcome.done or outcome.reason is not None:
            self._reported[plan.workload] = standing, _state(standing)
        if _worth_an_event(plan, outcome, changed):
            self._event(plan, standing, owner_uid, now)
        if isinstance(action, Evict) and action.instead and outcome.done:
            why = Standing(Phase.APPLYING, Reason.SURGE_UNAVAILABLE, f"evicted: {action.instead}")
            self._event(plan, why, owner_uid, now)

    def summary(self, plans: list[Plan]) -> None:
        """Set the gauge of workloads by phase and reason; drop workloads that no longer exist."""
        self.metrics.workloads.clear()
        present = {p.workload: p.standing for p in plans}
        self._reported = {w: last for w, last in self._reported.items() if w in present}
        latest = (self._reported.get(w, (s, ""))[0] for w, s in present.items())
        for (phase, reason), count in Counter((s.phase, s.reason) for s in latest).items():
            self.metrics.workloads.labels(phase, reason).set(count)

    def breaker(self, tripped: str | None) -> None:
        """Set the gauge; log once when the circuit breaker trips, and once when it closes."""
        if tripped and not self._tripped:
            logger.error("breaker tripped: no pod is replaced", extra={"detail": tripped})
        if self._tripped and not tripped:
            logger.info("breaker closed", extra={"detail": self._tripped})
        self._tripped = tripped
        self.metrics.breaker.set(bool(tripped))

    def _event(self, plan: Plan, standing: Standing, owner_uid: str, now: float) -> None:
        w, reason = plan.workload, standing.reason
        blocked = standing.phase is Phase.BLOCKED
        note = standing.message
        if isinstance(plan.action, Evict | HandOver | HandBack | Delete):
            note = f"{plan.action.pod}: {note}"
        note = note[:_LONGEST_NOTE]
        digest = hashlib.sha256(f"{owner_uid}{reason}{note}".encode()).hexdigest()[:10]
        body = {
            "apiVersion": kinds.EVENT.api_version,
            "kind": kinds.EVENT.name,
            "metadata": {"name": f"{w.name[:200]}.{digest}", "namespace": w.namespace},
            "eventTime": timestamps.text(now).replace("Z", ".000000Z"),
            "reportingController": "podtailor.io/scaler",
            "reportingInstance": self.instance,
            "action": type(plan.action).__name__,
            "reason": str(reason),
            "note": note or str(reason),
            "type": "Warning" if blocked or reason in WARNINGS else "Normal",
            "regarding": {
                "apiVersion": w.api_version,
                "kind": w.kind,
                "name": w.name,
                "namespace": w.namespace,
                "uid": owner_uid,
            },
        }
        try:
            self.gateway.post(kinds.EVENT.path(w.namespace), body)
        except Conflict:
            pass  # it exists already
        except KubeError as e:
            logger.warning("event not made", extra={"workload": str(w), "error": str(e)})


def _standing(plan: Plan, outcome: Outcome) -> Standing:
    """The workload's status summary after the action."""
    if outcome.reason is None:
        return plan.standing
    return Standing(Phase.BLOCKED, outcome.reason, outcome.message)


def _state(standing: Standing) -> str:
    """What must change for a new event. Most messages do not count: their figures always change."""
    message = standing.message if standing.reason in BY_MESSAGE else ""
    return f"{standing.phase} {standing.reason} {message}"


def _worth_an_event(plan: Plan, outcome: Outcome, changed: bool) -> bool:
    refused = outcome.reason is not None and changed
    match plan.action:
        case Create() | Adopt() | Drain():
            return refused
        case Delete() | HandBack():
            return outcome.done or refused
        case Evict() | HandOver():
            return outcome.done or refused
        case Write():
            return outcome.done and changed and not _pending(plan)
        case Wait():
            return changed and plan.standing.phase is Phase.BLOCKED and not _pending(plan)


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
    if isinstance(action, Evict | HandOver):
        fields |= {"pod": action.pod, "revision": action.size.revision}
    if isinstance(action, Drain | Delete | HandBack):
        fields["pod"] = action.pod
    if isinstance(action, Write) and action.status.size:
        fields["revision"] = action.status.size.revision
    return fields
