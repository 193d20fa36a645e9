"""The status summary of a workload: its phase, and the one reason that counts most. Pure.

| the first that holds                                    | the status says                      |
| ------------------------------------------------------- | ------------------------------------ |
| something keeps a pod from the stored size              | that                                 |
| a pod is about to be replaced                           | `Applying`, the last change          |
| a size by hand is refused, or a step fits nowhere       | `Blocked`, why                       |
| all is well, and something was changed before           | `Settled`, the last change           |
| the same, and the last change was rolled back           | `RolledBack`, why                    |
| otherwise                                               | `Settled`, what was decided          |
| nothing could be decided, as a container is restarted   | `Blocked`, `NotReady`, how often     |
| again and again (restarting.py)                         |                                      |
| `Settled` by what was changed, and a replaced pod still | `Settled`, which pod, and until when |
| lingers (terminating.py)                                |                                      |

The summary does not change for what does not last. A reason that comes from usage ("at the
maximum") stays while usage warms up after a restart, and until usage is clearly below the
threshold; "at the minimum" stays until usage is no longer low, as a new process has to observe the
quiet first.
"""

from scaler.model import Standing
from scaler.policies import table
from scaler.replacement.candidate import Next
from scaler.resizing.resize_case import Way
from scaler.sizing.decide import Decided
from store.model import Phase, Status
from store.reasons import Reason

CALM = 0.8
"""Usage / base below which a container that was due no longer is."""

STIRRING = 0.4
"""Usage / base from which a container that was at its minimum is no longer idle."""

_PASSIVE = (Reason.IN_BOUNDS, Reason.WARMING_UP, Reason.COOLDOWN, Reason.BACKING_OFF)
_UNMEASURED = (Reason.IN_BOUNDS, Reason.WARMING_UP, Reason.STALE_USAGE, Reason.NO_USAGE)
_STUCK = (Reason.NO_NODE_FITS, Reason.LIMIT_RANGE, Reason.QUOTA, Reason.QOS_CLASS)
_JUDGED = (Reason.IN_BOUNDS, Reason.AT_MAXIMUM, Reason.AT_MINIMUM, *_STUCK)
_ACTED = table.REASONS | {Reason.MANUAL, Reason.MANIFEST_CHANGED, Reason.ROLLED_BACK}


def lingering(standing: Standing, message: str | None) -> Standing:
    """The summary where replaced pods are still terminating, though all is well without them."""
    calm = standing.phase is Phase.SETTLED and standing.reason in (*_ACTED, *_PASSIVE)
    if message is None or not calm:
        return standing
    return Standing(standing.phase, Reason.PENDING_REPLACEMENT, message)


def unmeasured(standing: Standing, decided: Decided, restarts: str | None) -> Standing:
    """The summary where a container is restarted again and again, so that nothing is decided."""
    if restarts is None or decided.reason not in _UNMEASURED:
        return standing
    return Standing(Phase.BLOCKED, Reason.NOT_READY, restarts)


def standing(old: Status, decided: Decided, following: Next, *, edited: bool) -> Standing:
    """The table above. `edited`: a user has edited the PodSize since the status was written."""
    if following.reason is not None:
        return Standing(following.phase, following.reason, following.message)
    if following.pod is not None or following.in_place is Way.WAIT:
        return Standing(Phase.APPLYING, *last(old))
    reason = decided.reason
    if not edited and old.phase and old.reason and _lasts(old, decided):
        return Standing(old.phase, old.reason, old.message)
    if decided.refused or reason in _STUCK:
        return Standing(Phase.BLOCKED, reason, decided.message)
    if reason in _PASSIVE and old.changes and decided.size:
        calm = Phase.ROLLED_BACK if old.retreated else Phase.SETTLED
        return Standing(calm, *last(old))
    return Standing(Phase.SETTLED, reason, decided.message)


def hot(decided: Decided) -> bool:
    """Whether a container is near the threshold, so that it may be due again in a moment."""
    return any(d.pressure >= CALM for d in decided.decisions)


def would(decided: Decided) -> str:
    """What would be done, where nothing may be."""
    return f"would be {decided.reason}: {decided.message}"


def _lasts(old: Status, decided: Decided) -> bool:
    if old.reason not in _JUDGED or decided.refused or old.pods.current < old.pods.total:
        return False
    if decided.reason is Reason.WARMING_UP:
        return True
    if decided.reason is not Reason.IN_BOUNDS:
        return False
    if old.reason is Reason.AT_MINIMUM:
        return all(d.pressure < STIRRING for d in decided.decisions if d.resource == "cpu")
    return old.reason is not decided.reason and hot(decided)


def last(old: Status) -> tuple[Reason, str]:
    """Reason and message of the last change, which the pods have or are getting."""
    if old.reason in _ACTED:
        return old.reason, old.message
    if not old.changes:
        return Reason.MANIFEST_CHANGED, "back to the manifest's values"
    last = old.changes[0]
    values = f"{last.before or 'unset'} to {last.after or 'unset'}"
    return last.reason, f"{last.container}: {last.resource} {values}"
