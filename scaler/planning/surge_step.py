"""From what is to be done about a held pod (see held_pod.py) to the plan of a cycle. Pure.

While a pod is held, nothing new is decided: one change at a time. Only a size that does not work is
rolled back, before the pod is handed back, so that the size is not tried again at once.
"""

from msgspec.structs import replace

from scaler.annotations.options import Disruption, Settings
from scaler.cluster import backoff, oom_kills
from scaler.cluster.view import View
from scaler.model import Action, Delete, Drain, HandBack, Plan, Standing, Wait
from scaler.planning import rollback
from scaler.planning.context import Context
from scaler.replacement import held_pod
from scaler.replacement.held_case import HeldCase, Step, Way
from scaler.status import update
from store.model import Phase, PodSize
from store.reasons import Reason


def held_case(view: View, context: Context, stopped: str | None) -> HeldCase:
    """The question what is done about the oldest held pod."""
    settings = view.settings
    asked = isinstance(settings, Settings) and settings.disruption is Disruption.DELETE
    deletes = asked or oom_kills.helped(view.compared(view.held[0], view.size))
    deadline, silent = context.deadline_of(view), context.places.silent
    return HeldCase(view, view.held[0], stopped, deadline, context.now, deletes, silent)


def plan(view: View, context: Context, stopped: str | None) -> Plan:
    """What is done about the oldest held pod. `stopped`: why the change may not continue."""
    settings = view.settings
    step = held_pod.step(held_case(view, context, stopped))
    podsize = view.podsize
    if podsize is None or context.limits.dry_run:
        return _planned(view, step, Wait())
    if view.owner and step.way in (Way.WAIT, Way.HAND_BACK) and isinstance(settings, Settings):
        undone = rollback.plan(rollback.RollbackCase(view, podsize, settings, context))
        if undone:
            return replace(undone, in_flight=True)
    return _planned(view, step, _action(view, podsize, step, context.now))


def _planned(view: View, step: Step, action: Action) -> Plan:
    return Plan(view.workload, _standing(step), action, in_flight=True)


def _standing(step: Step) -> Standing:
    if step.failed:
        why = f"{step.why}; {step.pod.metadata.name} stays"
        if step.cause:
            return Standing(Phase.BLOCKED, step.cause, why)
        return Standing(Phase.ROLLED_BACK, Reason.ROLLED_BACK, why)
    return Standing(Phase.APPLYING, Reason.PENDING_REPLACEMENT, step.why)


def _action(view: View, podsize: PodSize, step: Step, now: float) -> Action:
    workload, name, uid = view.workload, step.pod.metadata.name, step.pod.metadata.uid
    match step.way:
        case Way.DRAIN | Way.END_IDLE:
            others = tuple(s.uid for s in view.not_terminating)
            return Drain(workload, name, uid, others, idle=step.way is Way.END_IDLE)
        case Way.DELETE:
            return Delete(workload, name, uid)
        case Way.DELETE_AT_ONCE:
            return Delete(workload, name, uid, at_once=True)
        case Way.HAND_BACK:
            return _back(view, podsize, step, now)
        case Way.WAIT:
            return update.written(view, podsize, podsize.status, _standing(step), now)


def _back(view: View, podsize: PodSize, step: Step, now: float) -> HandBack:
    """A failure is recorded first, once, so that a new scaler keeps the back-off as well."""
    meta, old = step.pod.metadata, podsize.status
    back = HandBack(view.workload, meta.name, meta.uid, None, podsize.resource_version)
    if not step.failed or backoff.holds(old.backoff, now):
        return back
    standing = _standing(step)
    waits = backoff.failed(old.backoff, now, standing.reason, standing.message)
    failed = replace(old, backoff=waits)
    return replace(back, status=update.stated(view, podsize, failed, standing, now))
