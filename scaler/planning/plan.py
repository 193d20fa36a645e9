"""One workload, one cycle: from its view to a plan with at most one action. Pure.

The first of CHECKS that answers decides; where none of them does, those of apply.py follow.
docs/checks.md has both as tables.
"""

from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from kube.memo import once
from scaler.annotations.options import BadAnnotation, Disruption, Mode, Settings
from scaler.checks import Checks
from scaler.cluster import backoff, modes, terminating
from scaler.cluster.view import View
from scaler.model import Action, Adopt, Create, Plan, Standing, Wait
from scaler.planning import apply, leaving, surge_step
from scaler.planning.apply_case import ApplyCase
from scaler.planning.context import NO_SURGE, Context, ceiling
from scaler.replacement import not_now
from scaler.sizing import by_class, evidence
from scaler.status import update
from store.model import Phase
from store.reasons import Reason

_OS = "kubernetes.io/os"


class Silence(Enum):
    """The answer of a check where nothing is done, and nothing is reported."""

    NOTHING = "nothing"


class PlanCase(Struct, frozen=True):
    """One workload in one cycle."""

    view: View
    context: Context

    @property
    def settings(self) -> Settings | None:
        """What its annotations ask for; None where they ask for nothing, or are malformed."""
        return self.view.settings if isinstance(self.view.settings, Settings) else None

    @property
    def left(self) -> bool:
        """Whether the workload is not, or no longer, enrolled."""
        off = self.settings is not None and self.settings.mode is Mode.OFF
        return off or self.view.settings is None


def plan(view: View, context: Context) -> Plan | None:
    """The plan for a workload; None where there is nothing to report."""
    answer = CHECKS.first(PlanCase(_relieved(view, context), context))
    return answer if isinstance(answer, Plan) else None


def _relieved(view: View, context: Context) -> View:
    """The workload without a back-off whose cause we have repaired ourselves."""
    if context.repaired is None or view.podsize is None:
        return view
    status = view.podsize.status
    waits = backoff.relieved(status.backoff, context.repaired)
    if waits is status.backoff:
        return view
    return replace(view, podsize=replace(view.podsize, status=replace(status, backoff=waits)))


def held(case: PlanCase) -> Plan | None:
    """A pod of it is held: this comes first, and nothing else is decided (held_pod.py). One that
    lingers (terminating.py) is not waited for."""
    view, now = case.view, case.context.now
    held = tuple(p for p in view.held if not terminating.lingers(p, now))
    if not held:
        return None
    waited_for = view if len(held) == len(view.held) else replace(view, held=held)
    return surge_step.plan(waited_for, case.context, stopped(view, case.context))


def namespace_goes(case: PlanCase) -> Silence | None:
    """Its namespace is being deleted: nothing to do, nothing can be created there any more."""
    return Silence.NOTHING if case.view.namespace_goes else None


def gone(case: PlanCase) -> Silence | None:
    """The workload is gone, or is being deleted, so that its owner makes no pod again: nothing to
    do, its PodSize is deleted with it."""
    owner = case.view.owner
    return Silence.NOTHING if owner is None or owner.metadata.deletion_timestamp else None


def malformed(case: PlanCase) -> Plan | None:
    """An annotation is malformed: nothing changes, `BadAnnotation`."""
    settings = case.view.settings
    if not isinstance(settings, BadAnnotation):
        return None
    return _frozen(case, Reason.BAD_ANNOTATION, settings.message)


def opted_out(case: PlanCase) -> Plan | Silence | None:
    """It opted out (mode `off`, or the annotation was removed): remove the size, `OptedOut`; in a
    dry run the size stays, `Paused`."""
    return (leaving.plan(case.view, case.context) or Silence.NOTHING) if case.left else None


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


def no_podsize(case: PlanCase) -> Plan | None:
    """It is enrolled and has no PodSize: create one, `Observing`."""
    view = case.view
    if view.podsize is not None or view.owner is None:
        return None
    standing = Standing(Phase.SETTLED, Reason.OBSERVING, "enrolled")
    return Plan(view.workload, standing, Create(view.workload, view.owner.metadata.uid))


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


def not_owned(case: PlanCase) -> Plan | None:
    """Its PodSize was made by a user and has no owner: become its owner, `Observing`."""
    view = case.view
    if view.owner is None or view.podsize is None or view.podsize.owned:
        return None
    standing = Standing(Phase.SETTLED, Reason.OBSERVING, "becoming the owner of the PodSize")
    return Plan(view.workload, standing, Adopt(view.workload, view.owner.metadata.uid))


def sized(case: PlanCase) -> Plan | Silence:
    """It has a PodSize and can be sized: decide on its size, then apply it (apply.py)."""
    decided = apply_case(case)
    return apply.CHECKS.first(decided) if decided else Silence.NOTHING


def apply_case(case: PlanCase) -> ApplyCase | None:
    """What is decided on its size; None where it has no PodSize, or is not to be sized."""
    view, context, settings = case.view, case.context, case.settings
    if settings is None or view.podsize is None:
        return None
    watched = evidence.Watched(
        context.minute_of,
        context.now,
        context.patience,
        context.stretches.get(view.workload, {}),
        context.places.short,
        context.long.get(view.workload, {}),
        context.horizon,
        context.pinned_of,
        context.bursts,
    )
    decided = by_class.decided(
        view, settings, watched, lambda its, whole: ceiling(its, settings, context, whole)
    )
    return ApplyCase(view, view.podsize, settings, decided, context)


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


CHECKS = Checks(
    "What is to be done about a workload",
    (
        namespace_goes,
        held,
        gone,
        malformed,
        opted_out,
        surge_disabled,
        unsupported,
        no_podsize,
        other_autoscaler,
        no_webhook,
        not_owned,
    ),
    sized,
)
