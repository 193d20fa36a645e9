"""What was done and what was not, and why: log lines, events on the workload, metrics.

All three are fed from one place, with the contract's reason codes. An event is made only where
the story changes, under a name made of what it says: saying the same again makes no second one.
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
"""Reasons whose events are of type Warning, beside every block."""

_LONGEST_NOTE = 1000  # characters; the API server allows 1024


@dataclass
class Reporter:
    """Tells people. Failing to tell never stops the work."""

    gateway: Gateway
    instance: str
    metrics: Metrics = field(default_factory=Metrics)
    _tripped: str | None = None
    _told: dict[Workload, tuple[Standing, str]] = field(default_factory=dict)

    def verdict(self, verdict: Plan, outcome: Outcome, owner_uid: str, now: float) -> None:
        """One line for each action, one event for each turn of the story."""
        if outcome.soon and not outcome.done:
            return
        action, told = verdict.action, _standing(verdict, outcome)
        before = self._told.get(verdict.workload)
        news = before is None or before[1] != _story(told)
        if not isinstance(action, Wait):
            name = type(action).__name__.lower()
            self.metrics.actions.labels(name, told.reason, str(outcome.done).lower()).inc()
            logger.info("action", extra=_fields(verdict, outcome))
        if outcome.done or outcome.reason is not None:
            self._told[verdict.workload] = told, _story(told)
        if _worth_an_event(verdict, outcome, news):
            self._event(verdict, told, owner_uid, now)
        if isinstance(action, Evict) and action.instead and outcome.done:
            why = Standing(Phase.APPLYING, Reason.SURGE_UNAVAILABLE, f"evicted: {action.instead}")
            self._event(verdict, why, owner_uid, now)

    def summary(self, verdicts: list[Plan]) -> None:
        """The gauge of workloads by phase and reason; who has gone is forgotten."""
        self.metrics.workloads.clear()
        here = {v.workload: v.standing for v in verdicts}
        self._told = {w: told for w, told in self._told.items() if w in here}
        told = (self._told.get(w, (standing, ""))[0] for w, standing in here.items())
        for (phase, reason), count in Counter((t.phase, t.reason) for t in told).items():
            self.metrics.workloads.labels(phase, reason).set(count)

    def breaker(self, tripped: str | None) -> None:
        """Say loudly, once, that it has tripped, and that it is over."""
        if tripped and not self._tripped:
            logger.error("breaker tripped: no pod is taken", extra={"told": tripped})
        if self._tripped and not tripped:
            logger.info("breaker closed", extra={"told": self._tripped})
        self._tripped = tripped
        self.metrics.breaker.set(bool(tripped))

    def _event(self, verdict: Plan, told: Standing, owner_uid: str, now: float) -> None:
        w, reason = verdict.workload, told.reason
        blocked = told.phase is Phase.BLOCKED
        note = told.message
        if isinstance(verdict.action, Evict | HandOver | HandBack | Delete):
            note = f"{verdict.action.pod}: {note}"
        note = note[:_LONGEST_NOTE]
        digest = hashlib.sha256(f"{owner_uid}{reason}{note}".encode()).hexdigest()[:10]
        body = {
            "apiVersion": kinds.EVENT.api_version,
            "kind": kinds.EVENT.name,
            "metadata": {"name": f"{w.name[:200]}.{digest}", "namespace": w.namespace},
            "eventTime": timestamps.text(now).replace("Z", ".000000Z"),
            "reportingController": "podtailor.io/scaler",
            "reportingInstance": self.instance,
            "action": type(verdict.action).__name__,
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
            pass  # told before
        except KubeError as e:
            logger.warning("event not made", extra={"workload": str(w), "error": str(e)})


def _standing(verdict: Plan, outcome: Outcome) -> Standing:
    """Where the workload stands after the action."""
    if outcome.reason is None:
        return verdict.standing
    return Standing(Phase.BLOCKED, outcome.reason, outcome.message)


def _story(told: Standing) -> str:
    """What must differ to be told anew: figures in messages move each cycle."""
    return f"{told.phase} {told.reason} {told.message if told.reason in BY_MESSAGE else ''}"


def _worth_an_event(verdict: Plan, outcome: Outcome, news: bool) -> bool:
    match verdict.action:
        case Create() | Adopt() | Drain():
            return False
        case Delete() | HandBack():
            return outcome.done
        case Evict() | HandOver():
            return outcome.done or (outcome.reason is not None and news)
        case Write():
            return outcome.done and news and not _pending(verdict)
        case Wait():
            return news and verdict.standing.phase is Phase.BLOCKED and not _pending(verdict)


def _pending(verdict: Plan) -> bool:
    return verdict.standing.reason is Reason.PENDING_REPLACEMENT


def _fields(verdict: Plan, outcome: Outcome) -> dict[str, object]:
    action = verdict.action
    fields: dict[str, object] = {
        "workload": str(verdict.workload),
        "action": type(action).__name__,
        "done": outcome.done,
        "reason": str(outcome.reason or verdict.standing.reason),
        "told": outcome.message or verdict.standing.message,
    }
    if isinstance(action, Evict | HandOver):
        fields |= {"pod": action.pod, "revision": action.size.revision}
    if isinstance(action, Drain | Delete | HandBack):
        fields["pod"] = action.pod
    if isinstance(action, Write) and action.status.size:
        fields["revision"] = action.status.size.revision
    return fields
