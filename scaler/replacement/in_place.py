"""The checks of next_pod.py about pods that get the stored size in place. Pure.

What is done about each pod: resizing/pod_step.py. A pod that cannot be resized is replaced by the
checks that follow these, so that whatever holds for replacements holds for it.
"""

from msgspec.structs import replace

from scaler.replacement.candidate import Next, NextCase
from scaler.resizing.resize_case import Step, Way
from store.model import Phase
from store.reasons import Reason

_KUBELET = (Reason.RESIZE_DEFERRED, Reason.RESIZE_INFEASIBLE)
_NO_OTHER_POD = (Reason.SINGLE_REPLICA, Reason.NO_NODE_FITS)
_KEEPS_FROM_REPLACING = (
    *(*_NO_OTHER_POD, Reason.QUOTA, Reason.LIMIT_RANGE, Reason.QOS_CLASS, Reason.NOT_READY),
    *(Reason.TEMPLATE_CHANGED, Reason.RESTART_BUDGET, Reason.DISRUPTION_BUDGET, Reason.REFUSED),
)


def withdrawn(case: NextCase) -> Next | None:
    """A kubelet was asked for a size that was rolled back or taken back since, and has not carried
    it out: ask for what the pod has (pod_step.py)."""
    if case.settings.paused or case.limits.paused:
        return None
    return _in_place(case, Way.WITHDRAW)


def misplaced(case: NextCase) -> Next | None:
    """With `strategy: resize`: a pod runs on another kind of node than it was made for. Resize it
    in place, whatever else is under way: nothing restarts for it."""
    if case.settings.paused or case.limits.paused or case.terms is None:
        return None
    found = [s for s in case.outdated if s.misplaced and case.steps[s.uid].way is Way.RESIZE]
    if not found:
        return None
    first = min(found, key=lambda s: s.created)
    why = f"resizing {first.name} in place, for its kind of node: {first.node_class}"
    return Next(first.pod, Phase.APPLYING, None, why, in_place=Way.RESIZE)


def resized_in_place(case: NextCase) -> Next | None:
    """With `strategy: resize`: resize the next pod in place, or wait for the kubelet that was asked
    last (pod_step.py): `ResizeDeferred`. Pods that cannot be resized are replaced after the others,
    by the checks that follow; those that are only left alone: `Rewritten`, `ResizeInfeasible`."""
    if waits := case.step(Way.WAIT):
        reason, why = waits[1].reason, waits[1].why
        if reason is None and (late := _undone(case)):
            reason, why = late.reason, f"{late.why}; it is replaced after the others"
        return Next(None, Phase.APPLYING, reason, why, in_flight=True, in_place=Way.WAIT)
    if found := _in_place(case, Way.RESIZE):
        return found
    left = case.step(Way.BLOCKED) or case.step(Way.ROLL_BACK)
    if case.replaced or left is None or left[1].reason is None:
        return None
    replacing = case.in_flight is not None
    return Next(None, Phase.BLOCKED, left[1].reason, left[1].why, in_flight=replacing)


def explained(case: NextCase, found: Next) -> Next:
    """What was decided, with the reason why the pod is not resized in place."""
    if case.terms is None or found.in_place or case.candidate is None:
        return found
    step = case.steps[case.candidate.metadata.uid]
    if found.pod is not None:
        return replace(found, instead=step.why)
    if found.reason not in _KEEPS_FROM_REPLACING:
        return found
    reason = (found.reason in _NO_OTHER_POD and step.reason) or found.reason
    return replace(found, reason=reason, message=f"{step.why}; it is not replaced: {found.message}")


def _undone(case: NextCase) -> Step | None:
    """Of a pod whose kubelet has not done in time what it was asked for; None: all have."""
    found = (s for s in case.steps.values() if s.way is Way.REPLACE)
    return next((s for s in found if s.reason in _KUBELET), None)


def _in_place(case: NextCase, way: Way) -> Next | None:
    found = case.step(way)
    if found is None:
        return None
    return Next(found[0].pod, Phase.APPLYING, None, found[1].why, in_place=way)
