"""The checks of next_pod.py about what holds replacements back for the time being. Pure."""

from collections.abc import Sequence

from scaler.annotations.options import Settings
from scaler.cluster import in_flight, oom_kills, rollout
from scaler.cluster.pod_state import PodState, pods
from scaler.disruption import do_not_disrupt, restart_budget
from scaler.replacement.candidate import Next, NextCase, blocked, pending
from scaler.replacement.prospects import RestartLimits
from store.reasons import Reason


def stopped(settings: Settings, limits: RestartLimits) -> str | None:
    """Why nothing may change at all; None: changes are allowed."""
    if settings.paused:
        return "the workload or its namespace is paused"
    return limits.paused


def paused(case: NextCase) -> Next | None:
    """The workload, its namespace or the scaler is paused, or it is a dry run: `Paused`."""
    return blocked(case, Reason.PAUSED, stopped(case.settings, case.limits))


def rollout_unfinished(case: NextCase) -> Next | None:
    """A rollout is unfinished: the owner is already replacing pods. `RolloutInProgress`. Not where
    a new pod is down for want of memory, which the rollout waits for."""
    newest = {s.uid for s in rollout.newest(case.view)}
    if case.down and newest.issuperset(s.uid for s in case.down):
        return None
    return blocked(case, Reason.ROLLOUT_IN_PROGRESS, rollout.unfinished(case.view))


def template_changed(case: NextCase) -> Next | None:
    """The template changed without a rollout (update strategy OnDelete): the replacement would be
    another program. `TemplateChanged`."""
    return blocked(
        case, Reason.TEMPLATE_CHANGED, rollout.template_changed(case.view, pods(case.replaced))
    )


def replacement_pending(case: NextCase) -> Next | None:
    """A pod is being replaced, and one at a time is enough (in_flight.py): `PendingReplacement`."""
    return pending(case.in_flight) if case.in_flight else None


def not_ready(case: NextCase) -> Next | None:
    """A pod is missing or not Ready, and none more may be missing: `NotReady`. Except for pods that
    are not Ready because they are overloaded (overload.py), if a bigger one can be made beside, or
    down for want of memory (oom_kills.py); where an annotation protects those, `DisruptionBudget`.
    """
    if case.down:
        return None
    kept = protected(case) if any(map(oom_kills.helped, case.replaced)) else None
    helped = case.overloaded
    if helped and (case.limits.deletes or case.unable):
        helped = ()
    return kept or blocked(case, Reason.NOT_READY, _not_ready(case, helped))


def budget_used_up(case: NextCase) -> Next | None:
    """The workload's restarts for this hour are used up: `RestartBudget`."""
    most = case.limits.per_hour + len(case.states)
    if restart_budget.counting(case.view.status.restarts, case.now) < most:
        return None
    return blocked(case, Reason.RESTART_BUDGET, f"{most} restarts in this hour")


def protected(case: NextCase) -> Next | None:
    """All remaining pods are protected by annotations (do_not_disrupt.py): `DisruptionBudget`."""
    if case.free or not case.replaced:
        return None
    kept = case.limits.kept_nodes
    why = do_not_disrupt.message(case.view, case.replaced, case.now, kept)
    return blocked(case, Reason.DISRUPTION_BUDGET, why)


def _not_ready(case: NextCase, helped: Sequence[PodState] = ()) -> str | None:
    return in_flight.not_ready(case.view, helped, case.prospects.silent, case.now)
