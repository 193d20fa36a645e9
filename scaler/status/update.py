"""The status as it is to be written, and whether that is worth a write. Pure.

The status is written only where it says something new, as an idle cluster must cost no writes.

| phase and reason are    | the message says            | then                                    |
| ----------------------- | --------------------------- | --------------------------------------- |
| others                  | anything                    | write                                   |
| the same                | the same, in other figures  | nothing (meaning.py)                    |
| the same, and depend on | something else              | nothing: it would change each minute    |
| usage, or the breaker   |                             |                                         |
| the same                | something else              | write: who reads it must not be misled  |
| Observing, and no wish  | `would be` another reason   | write                                   |
| that stays              |                             |                                         |
| the same                | that a node is slow, which  | write, for anything but a mistake: it   |
|                         | the status does not say     | is cleared with the next write alone    |
| what keeps a Ready pod, | anything                    | nothing: each crash would change it     |
| instead of NotReady, in |                             | twice. NotReady stays until ten minutes |
| a crash loop            |                             | after the last end (restarting.py)      |
"""

from collections.abc import Sequence

from msgspec.structs import replace

from kube.memo import once
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.health import restarting
from scaler.model import Action, Standing, Wait, Write
from scaler.status import conditions
from scaler.status.meaning import meaning, slow, would
from store.model import Phase, PodSize, Status, StoredSize
from store.reasons import Reason
from store.records import PodCount

BY_MESSAGE = (Reason.BAD_ANNOTATION, Reason.UNSUPPORTED, Reason.PENDING_REPLACEMENT)
"""Reasons whose message has no figures of usage, and alone says what is wrong, or waited for."""

_SAID_ONCE = (
    *(Reason.IN_BOUNDS, Reason.WARMING_UP, Reason.STALE_USAGE, Reason.COOLDOWN),
    *(Reason.AT_MAXIMUM, Reason.AT_MINIMUM, Reason.BREAKER),
)
"""Reasons about the usage of whichever container is due most, and what many workloads share."""

_OF_READY_PODS = (
    *(Reason.REFUSED, Reason.DISRUPTION_BUDGET, Reason.SINGLE_REPLICA, Reason.PENDING_REPLACEMENT),
    *(Reason.WEBHOOK_UNVERIFIED, Reason.RESTART_BUDGET, Reason.NO_NODE_FITS, Reason.QUOTA),
    *(Reason.RESIZE_DEFERRED, Reason.AT_MAXIMUM, Reason.BREAKER),
)
"""What keeps pods from their size once all are Ready, so that it takes turns with `NotReady`."""
_OF_LIMITS = (
    *(Reason.RESTART_BUDGET, Reason.NO_NODE_FITS, Reason.QUOTA, Reason.DISRUPTION_BUDGET),
    *(Reason.SINGLE_REPLICA, Reason.BREAKER),
)
"""Those that also keep a pod that is down from more memory: then they say what is in the way."""


def written(view: View, podsize: PodSize, status: Status, standing: Standing, now: float) -> Action:
    """Write `status` with this summary, or wait where it would say nothing new."""
    old = podsize.status
    standing = _between_crashes(view, podsize, standing, now)
    same = not _differs(standing, old, status)
    if same and status is old and podsize is view.podsize and _complete(view):
        return Wait()
    status = stated(view, podsize, status, standing, now)
    if replace(status, message=old.message if same else standing.message) == old:
        return Wait()
    return Write(view.workload, status, podsize.resource_version)


def _between_crashes(view: View, podsize: PodSize, standing: Standing, now: float) -> Standing:
    """The summary, or that of the last crash where a pod of a crash loop is Ready for a moment."""
    old = podsize.status
    if old.reason is not Reason.NOT_READY or standing.reason not in _OF_READY_PODS:
        return standing
    if podsize.generation != old.observed_generation or not restarting.again(view, now):
        return standing
    if view.unready and standing.reason in _OF_LIMITS:
        return standing
    return Standing(Phase.BLOCKED, Reason.NOT_READY, old.message)


def stated(view: View, podsize: PodSize, status: Status, standing: Standing, now: float) -> Status:
    """The status with this summary, the counts of pods and the conditions that follow."""
    status = replace(
        status,
        observed_generation=podsize.generation,
        phase=standing.phase,
        reason=standing.reason,
        message=standing.message,
        pods=counted(view, status.size),
    )
    verified = _verified(view, status.size)
    found = conditions.conditions(podsize.status, status, standing, verified=verified, now=now)
    return replace(status, conditions=found)


def counted(view: View, size: StoredSize | None) -> PodCount:
    """How many pods there are, and how many have exactly the values of the size."""
    if size is view.size:
        return PodCount(len(view.not_terminating), len(view.not_terminating) - len(view.differing))
    active = [s for s in _states(view, size) if not s.terminating]
    return PodCount(len(active), sum(s.current for s in active))


def _verified(view: View, size: StoredSize | None) -> bool:
    """Whether a pod shows that the webhook sets this revision."""
    return any(s.bears(size) and s.current for s in _states(view, size))


def _states(view: View, size: StoredSize | None) -> Sequence[PodState]:
    """The pods compared with the stored size, or with the one that is about to be stored."""
    return view.states if size is view.size else [view.compared(p, size) for p in view.pods]


@once
def _complete(view: View) -> bool:
    """Whether the status says all that follows from its own summary, as it does in most cycles."""
    old, podsize = view.status, view.podsize
    if podsize is None or old.phase is None or old.reason is None:
        return False
    if old.observed_generation != podsize.generation or old.pods != counted(view, old.size):
        return False
    standing, verified = Standing(old.phase, old.reason, ""), _verified(view, old.size)
    found = conditions.conditions(old, old, standing, verified=verified, now=0.0)
    return old.conditions == found  # a new one would have another time


def _differs(standing: Standing, old: Status, new: Status) -> bool:
    """Whether phase or reason is new, or the message says something else.

    A wish stays while usage is about the threshold, and so do the words about it.
    """
    if (standing.phase, standing.reason) != (old.phase, old.reason):
        return True
    if slow(standing.message) and not slow(old.message):
        return True
    if standing.reason in BY_MESSAGE:
        return standing.message != old.message
    if standing.reason is Reason.OBSERVING:
        stays = bool(new.wish) and new.wish == old.wish
        return not stays and would(standing.message) != would(old.message)
    if standing.reason in _SAID_ONCE:
        return False
    return meaning(standing.message) != meaning(old.message)
