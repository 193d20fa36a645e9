"""A PodSize's conditions, for `kubectl wait`. Pure.

| condition         | True                         | False               | Unknown       |
| ----------------- | ---------------------------- | ------------------- | ------------- |
| `Applied`         | every pod has the size       | not yet; the reason |               |
| `WebhookVerified` | a probe or a pod shows that  | `WebhookUnverified` | not probed at |
|                   | it sets this revision        |                     | this revision |

A workload without a size has none of them. The time is that of the last change of True or False.
"""

from collections.abc import Iterator

from kube import timestamps
from scaler.model import Standing
from store.model import Phase, Status
from store.reasons import Reason
from store.records import Condition

APPLIED = "Applied"
VERIFIED = "WebhookVerified"


def conditions(
    before: Status, after: Status, standing: Standing, *, verified: bool, now: float
) -> tuple[Condition, ...]:
    """The conditions of `after`, whose size and counts are set already.

    `verified`: a probe or a pod has just shown that the webhook gives the stored revision.
    """
    if after.size is None:
        return ()
    return tuple(_timed(before, c, now) for c in _now(before, after, standing, verified))


def _now(before: Status, after: Status, standing: Standing, verified: bool) -> Iterator[Condition]:
    everywhere = after.pods.current == after.pods.total
    waits = standing.reason is Reason.PENDING_REPLACEMENT and standing.phase is not Phase.SETTLED
    if everywhere and not waits:
        yield Condition(APPLIED, "True", "EveryPod", "", "")
    else:
        yield Condition(APPLIED, "False", str(standing.reason), "", "")
    known = next((c for c in before.conditions if c.type == VERIFIED), None)
    revisions = [s.revision if s else 0 for s in (before.size, after.size)]
    if standing.reason is Reason.WEBHOOK_UNVERIFIED:
        yield Condition(VERIFIED, "False", str(standing.reason), "", "")
    elif verified:
        yield Condition(VERIFIED, "True", "Answered", "", "")
    elif known is not None and revisions[0] == revisions[1]:
        yield known
    else:
        yield Condition(VERIFIED, "Unknown", "NotAsked", "", "")


def _timed(before: Status, found: Condition, now: float) -> Condition:
    """With the time at which its status became what it is."""
    for old in before.conditions:
        if (old.type, old.status) == (found.type, found.status):
            return Condition(
                found.type, found.status, found.reason, found.message, old.last_transition_time
            )
    return Condition(found.type, found.status, found.reason, found.message, timestamps.text(now))
