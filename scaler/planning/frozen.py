"""Why nothing changes about a workload, and the status says so: checks of plan.py. Pure."""

from kube.memo import once
from scaler.annotations.options import BadAnnotation, Disruption, Mode
from scaler.cluster import modes
from scaler.cluster.view import View
from scaler.model import Action, Plan, Standing, Wait
from scaler.planning.context import NO_SURGE, Context
from scaler.planning.plan_case import PlanCase
from scaler.replacement import not_now
from scaler.status import update
from store.model import Phase
from store.reasons import Reason

_OS = "kubernetes.io/os"


def malformed(case: PlanCase) -> Plan | None:
    """An annotation is malformed: nothing changes, `BadAnnotation`."""
    settings = case.view.settings
    if not isinstance(settings, BadAnnotation):
        return None
    return _frozen(case, Reason.BAD_ANNOTATION, settings.message)


def surge_disabled(case: PlanCase) -> Plan | None:
    """It asks for `disruption: delete`, but surge is off: nothing changes, `BadAnnotation`."""
    if case.settings is None or case.settings.disruption is not Disruption.DELETE:
        return None
    if case.context.no_surge != NO_SURGE:
        return None
    return _frozen(case, Reason.BAD_ANNOTATION, f"disruption: delete needs surge, and {NO_SURGE}")


def unsupported(case: PlanCase) -> Plan | None:
    """Its pods have another controller, or cannot be sized: nothing changes, `Unsupported`."""
    return _frozen(case, Reason.UNSUPPORTED, _unsupported(case.view))


def other_autoscaler(case: PlanCase) -> Plan | None:
    """Another autoscaler sizes its pods (autoscalers.py): nothing changes, `OtherAutoscaler`."""
    return _frozen(case, Reason.OTHER_AUTOSCALER, case.view.others.owner)


def no_webhook(case: PlanCase) -> Plan | None:
    """The webhook is not set up, or its configuration leaves the pods out: nothing changes,
    `WebhookUnverified`."""
    if case.settings is not None and case.settings.mode is Mode.OBSERVE:
        return None
    why = case.context.webhook or case.context.admits(case.view)
    return _frozen(case, Reason.WEBHOOK_UNVERIFIED, why)


def _unsupported(view: View) -> str | None:
    """Why the workload cannot be sized at all."""
    spec = view.template
    if view.foreign:
        return f"its controller is {view.foreign}, not a Deployment"
    if spec.resources is not None or _sized_whole(view):
        return "resources at pod level"
    if "windows" in ((spec.os or {}).get("name"), (spec.node_selector or {}).get(_OS)):
        return "a Windows pod"
    return None


@once
def _sized_whole(view: View) -> bool:
    """Whether a pod of it has resources at pod level."""
    return any(p.spec.resources is not None for p in view.pods)


def stopped(view: View, context: Context) -> str | None:
    """Why a change that was begun is not continued; None where it is."""
    settings = view.settings
    if isinstance(settings, BadAnnotation):
        return settings.message
    if settings is None or settings.mode is Mode.OFF or modes.only_observes(view, settings):
        return "the workload is no longer enrolled"
    return _unsupported(view) or view.others.owner or not_now.stopped(settings, context.limits)


def _frozen(case: PlanCase, reason: Reason, message: str | None) -> Plan | None:
    """Nothing changes, and the status says why; None where there is no message."""
    if not message:
        return None
    view, standing = case.view, Standing(Phase.BLOCKED, reason, message)
    action: Action = Wait()
    if view.podsize:
        action = update.written(view, view.podsize, view.podsize.status, standing, case.context.now)
    return Plan(view.workload, standing, action)
