"""Which facts about a workload get an event. Pure, but for what was made known already.

An event is created only when phase or reason changes, and for a few reasons when the message does;
one fact makes one event.

| an event                                                 | is made                              |
| -------------------------------------------------------- | ------------------------------------ |
| a size is stored, a pod is handed back, a refusal        | when it happens                      |
| a pod is replaced                                        | unless the size's own event said why |
| the same, and it was asked for in place                  | once for each size, too: why not     |
| nothing can be done (`Blocked`)                          | when that begins                     |
| other workloads have their pods replaced first           | once until a pod of this one is      |
| a replacement is coming                                  | no                                   |
"""

from collections.abc import Collection
from dataclasses import dataclass, field

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
    Resize,
    Standing,
    Wait,
    Write,
)
from scaler.reporting.events import Event, Subject
from store.model import Phase, Workload
from store.reasons import Reason

WARNINGS = (Reason.BAD_ANNOTATION, Reason.UNSUPPORTED, Reason.REWRITTEN, Reason.ROLLED_BACK)
"""Reasons whose events are of type Warning, as are all with phase `Blocked` and all hand-backs."""


@dataclass
class EventRule:
    """By the table above."""

    _changed: dict[Workload, Reason] = field(default_factory=dict)
    """Why its size was changed last, where an event says so."""
    _waiting: set[Workload] = field(default_factory=set)
    """Those of which an event says that others are replaced first."""
    _unresized: dict[Workload, int] = field(default_factory=dict)
    """The revision of the size of which an event says why it is not given in place."""

    def worth_one(self, plan: Plan, outcome: Outcome, *, changed: bool) -> bool:
        """`changed`: whether phase, reason, or a message that counts is another one."""
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

    def unresized(self, plan: Plan, outcome: Outcome) -> Standing | None:
        """Why a pod is replaced that was to be resized in place; None: that is no news."""
        action, w = plan.action, plan.workload
        if not isinstance(action, Evict | HandOver) or not outcome.done or not action.unresized:
            return None
        if self._unresized.get(w) == action.size.revision:
            return None
        self._unresized[w] = action.size.revision
        return Standing(Phase.APPLYING, Reason.PENDING_REPLACEMENT, f"replaced: {action.unresized}")

    def keep(self, present: Collection[Workload]) -> None:
        """Forget workloads that no longer exist."""
        for gone in self._changed.keys() - set(present):
            del self._changed[gone]
        for gone in self._unresized.keys() - set(present):
            del self._unresized[gone]
        self._waiting &= set(present)


def event_of(plan: Plan, standing: Standing, owner_uid: str) -> Event:
    """The event of an action, or of why there is none."""
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
    return Event(subject, type(action).__name__, str(standing.reason), note, warning)


def _pending(plan: Plan) -> bool:
    return plan.standing.reason is Reason.PENDING_REPLACEMENT
