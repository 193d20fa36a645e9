"""A workload that was just changed is left alone for a while: `Cooldown`. Pure.

Its pods are being replaced, and what they used before says nothing about the new size. So is one
whose last change failed, for longer: `BackingOff`. Hands and edited manifests are heard at once. A
clock that steps back holds nobody up.
"""

from dataclasses import replace

from kube import timestamps
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.model import Decision
from store.reasons import Reason

SECONDS = 120.0
"""Seconds after a change in which the policy changes nothing."""


def kept(decisions: tuple[Decision, ...], view: View, now: float) -> tuple[Decision, ...]:
    """The decisions, none of which changes anything where the last change is too young."""
    status = view.status
    if not any(d.target for d in decisions):
        return decisions
    if backoff.holds(status.backoff, now):
        told = f"nothing is tried before {status.backoff.until}"
        return tuple(_waiting(d, Reason.BACKING_OFF, told) for d in decisions)
    last = timestamps.seconds(status.changes[0].at) if status.changes else None
    if last is None or not 0 <= now - last < SECONDS:
        return decisions
    since = f"the last change was {now - last:.0f} s ago"
    return tuple(_waiting(d, Reason.COOLDOWN, since) for d in decisions)


def _waiting(decision: Decision, reason: Reason, why: str) -> Decision:
    if decision.target is None:
        return decision
    message = f"{decision.message}; {why}"
    return replace(decision, target=None, reason=reason, message=message)
