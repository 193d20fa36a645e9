"""The status as it is to be written, and whether that is worth a write. Pure.

The status is written only where it says something new. A message alone is nothing new: it holds
figures that move each cycle, and an idle cluster must cost no writes. Where a message is all that
tells one mistake from another, it counts.
"""

from collections.abc import Sequence
from dataclasses import replace

from scaler.cluster import pod_state
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.model import Action, Standing, Wait, Write
from scaler.status import conditions
from store.model import PodSize, Status, StoredSize
from store.reasons import Reason
from store.records import PodCount

TELLING = (Reason.BAD_ANNOTATION, Reason.UNSUPPORTED)
"""Reasons whose messages hold no figures, and say what is wrong."""


def written(view: View, podsize: PodSize, status: Status, told: Standing, now: float) -> Action:
    """Write `status` with these words, or wait where that would be nothing new."""
    old = podsize.status
    if status is old and _says(view, podsize, told, now):
        return Wait()
    same = (told.phase, told.reason) == (old.phase, old.reason) and told.reason not in TELLING
    status = stated(view, podsize, status, told, now)
    if replace(status, message=old.message if same else told.message) == old:
        return Wait()
    return Write(view.workload, status, podsize.resource_version)


def stated(view: View, podsize: PodSize, status: Status, told: Standing, now: float) -> Status:
    """The status with these words, the counts of pods and the conditions that follow."""
    status = replace(
        status,
        observed_generation=podsize.generation,
        phase=told.phase,
        reason=told.reason,
        message=told.message,
        pods=counted(view, status.size),
    )
    verified = _seen(view, status.size)
    found = conditions.conditions(podsize.status, status, told, verified=verified, now=now)
    return replace(status, conditions=found)


def counted(view: View, size: StoredSize | None) -> PodCount:
    """How many pods there are, and how many have just what the size gives."""
    if size is view.size:
        return PodCount(len(view.not_terminating), len(view.not_terminating) - len(view.differing))
    alive = [s for s in _states(view, size) if not s.terminating]
    return PodCount(len(alive), sum(s.current for s in alive))


def _seen(view: View, size: StoredSize | None) -> bool:
    """Whether the webhook has made a pod at this revision."""
    return any(s.bears(size) and s.current for s in _states(view, size))


def _states(view: View, size: StoredSize | None) -> Sequence[PodState]:
    """As the store says now, or as it is about to."""
    return view.states if size is view.size else [pod_state.of(p, size) for p in view.pods]


def _says(view: View, podsize: PodSize, told: Standing, now: float) -> bool:
    """Whether the status says all that already, as in most cycles it does."""
    old = podsize.status
    if (told.phase, told.reason) != (old.phase, old.reason) or told.reason in TELLING:
        return False
    if old.observed_generation != podsize.generation or old.pods != counted(view, old.size):
        return False
    verified = _seen(view, old.size)
    return old.conditions == conditions.conditions(old, old, told, verified=verified, now=now)
