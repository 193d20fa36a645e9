"""One workload, one cycle: from its view to a plan with at most one action. Pure.

The first of CHECKS that answers decides; where none of them does, those of apply.py follow.
docs/checks.md has both as tables.
"""

from msgspec.structs import replace

from scaler.checks import Checks
from scaler.cluster import backoff, terminating
from scaler.cluster.view import View
from scaler.model import Adopt, Create, Plan, Standing
from scaler.planning import apply, leaving, surge_step
from scaler.planning.apply_case import ApplyCase
from scaler.planning.ceiling import ceiling
from scaler.planning.context import Context
from scaler.planning.frozen import (
    malformed,
    no_webhook,
    other_autoscaler,
    stopped,
    surge_disabled,
    unsupported,
)
from scaler.planning.plan_case import PlanCase, Silence
from scaler.sizing import by_class, evidence
from store.model import Phase
from store.reasons import Reason


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


def opted_out(case: PlanCase) -> Plan | Silence | None:
    """It opted out (mode `off`, or the annotation was removed): remove the size, `OptedOut`; in a
    dry run the size stays, `Paused`."""
    return (leaving.plan(case.view, case.context) or Silence.NOTHING) if case.left else None


def no_podsize(case: PlanCase) -> Plan | None:
    """It is enrolled and has no PodSize: create one, `Observing`."""
    view = case.view
    if view.podsize is not None or view.owner is None:
        return None
    standing = Standing(Phase.SETTLED, Reason.OBSERVING, "enrolled")
    return Plan(view.workload, standing, Create(view.workload, view.owner.metadata.uid))


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
        context.heat_of,
    )
    decided = by_class.decided(
        view, settings, watched, lambda its, whole: ceiling(its, settings, context, whole)
    )
    return ApplyCase(view, view.podsize, settings, decided, context)


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
