"""The policy leaves a workload alone for a while after a change: `Cooldown`. Pure.

Its pods are being replaced, and what they used before says nothing about the new size. After a
change that failed it is left alone for longer: `BackingOff`. Sizes by hand and edited manifests
take effect at once, and so does a step that cannot wait: a container that was killed for want of
memory will be killed again. A clock that steps back delays nothing.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from kube import timestamps
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.model import Decision
from store.reasons import Reason
from store.records import Change

SECONDS = 120.0
"""Seconds after a change in which the policy changes nothing."""


def kept(decisions: tuple[Decision, ...], view: View, now: float) -> tuple[Decision, ...]:
    """The decisions; none of them changes anything where the last change is too recent."""
    status = view.status
    if not any(d.target for d in decisions):
        return decisions
    if backoff.holds(status.backoff, now):
        message = f"in back-off until {status.backoff.until}: {backoff.cause(status.backoff)}"
        return tuple(_waiting(d, Reason.BACKING_OFF, message) for d in decisions)
    ago = recent(decisions, status.changes, now)
    if ago is None:
        return decisions
    since = f"the last change was {ago:.0f} s ago"
    return tuple(_waiting(d, Reason.COOLDOWN, since) for d in decisions)


def recent(decisions: Iterable[Decision], changes: Sequence[Change], now: float) -> float | None:
    """How many seconds ago the last change was; None: long enough, or they cannot wait."""
    last = timestamps.seconds(changes[0].at) if changes else None
    urgent = any(d.urgent and d.target for d in decisions)
    if last is None or urgent or not 0 <= now - last < SECONDS:
        return None
    return now - last


def _waiting(decision: Decision, reason: Reason, why: str) -> Decision:
    if decision.target is None:
        return decision
    message = f"{decision.message}; {why}"
    return replace(decision, target=None, reason=reason, message=message)
