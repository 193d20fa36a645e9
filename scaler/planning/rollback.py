"""Rolls back a size that does not work, and replaces the unhealthy pods; healthy ones stay. Pure.

Also where a workload is paused or only observed: the stored size can keep pods from coming back,
whatever else is asked. Only a dry run changes nothing.

| what the cluster shows                                  | then                               |
| ------------------------------------------------------- | ---------------------------------- |
| the stored size is to blame (see diagnosis.py)          | roll back, as a new revision for   |
|                                                         | new pods only: `RolledBack`, and   |
|                                                         | one failure more                   |
| an unhealthy pod would be better off with the stored    | replace that pod, by eviction      |
| size                                                    |                                    |
| the same, but its replacement would be another program  | `TemplateChanged`                  |
| the same, but something rewrites what the webhook sets  | nothing: `Rewritten`               |
| the same, but it is down for want of memory, and the    | nothing: next_pod.py deletes it,   |
| size is for running pods too                            | whatever the budgets               |
| else                                                    | nothing                            |

The store is written first and alone, after listing the pods again: a silent watch shows old
ones. The new revision must be seen, and the webhook must be seen to answer with it, before a pod is
replaced for it. An unhealthy pod serves no traffic, so it is exempt from the restart budget and the
concurrency limit; disruption budgets hold.
"""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from kube.pods import counted
from scaler.annotations.options import Settings
from scaler.cluster import backoff, rollout
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.feasibility import limit_range
from scaler.health import rejected_pods, rollback_target, unhealthy_pods, unmade_pods
from scaler.health.diagnosis import Feasibility, Refuses
from scaler.health.rollback_target import RollbackTarget
from scaler.health.unhealthy_pods import UnhealthyPod
from scaler.model import Plan, Standing, Wait, Write
from scaler.planning import claim, summary
from scaler.planning.context import Context
from scaler.replacement import mismatched_pods
from scaler.replacement.candidate import Next
from scaler.replacement.held_case import unadoptable
from scaler.sizing import governing
from scaler.sizing.decide import Decided
from scaler.sizing.vetting import above
from scaler.status import change_log, update
from store.model import Apply, Phase, PodSize, Sizes
from store.reasons import Reason


class RollbackCase(Struct, frozen=True):
    """One enrolled workload with a PodSize."""

    view: View
    podsize: PodSize
    settings: Settings
    context: Context


def plan(case: RollbackCase) -> Plan | None:
    """The table above; None where nothing is to be undone."""
    context, view = case.context, case.view
    if context.limits.dry_run:
        return None
    found = [*_unhealthy(view, context)] if view.unready else []
    ground = _ground(case)
    if back := rollback_target.due(view, found, ground):
        return _written(case, back)
    if view.size is None or not all(unadoptable(view, p) for p in view.held):
        return None  # it is handed back, and the owner removes the unhealthy pod: see held_pod.py
    for one in found:
        if view.size.apply is Apply.ALL and any(map(ground.grows, one.killed)):
            continue
        if rollback_target.helps(view, one, view.size, ground) and not mismatched_pods.tried(
            view, one.pod, context.now
        ):
            return _taken(case, one)
    return None


def of_pod(case: RollbackCase, state: PodState, message: str) -> Plan | None:
    """The size is rolled back because one pod cannot have it, whatever others do."""
    back = rollback_target.back(case.view, state, message)
    return _written(case, back) if back else None


def _unhealthy(view: View, context: Context) -> Iterator[UnhealthyPod]:
    deadline, silent = context.deadline_of(view), context.places.silent
    return unhealthy_pods.unhealthy(view, silent, deadline, context.now)


def held(view: View, now: float, *, edited: bool) -> Standing | None:
    """What the status says while a rollback is in back-off, so that no size is tried again.

    `edited`: a user has edited the PodSize since; what that asks for is tried at once.
    """
    old = view.status
    if edited or not old.retreated or not backoff.holds(old.backoff, now):
        return None
    return Standing(Phase.ROLLED_BACK, *summary.last(old))


def _written(case: RollbackCase, back: RollbackTarget) -> Plan:
    view, old, now = case.view, case.podsize.status, case.context.now
    further = old.retreated and backoff.holds(old.backoff, now)  # else it waits for another failure
    again = backoff.again if further else backoff.failed
    waited = again(old.backoff, now, Reason.ROLLED_BACK, back.message)
    left = back.size.of_class(back.node_class).containers
    whereto = "an earlier size" if left else "the manifest's values"
    standing = Standing(
        Phase.ROLLED_BACK, Reason.ROLLED_BACK, f"{back.message}; new pods get {whereto} again"
    )
    decided = Decided(
        back.size,
        Reason.ROLLED_BACK,
        standing.message,
        before=back.before,
        after=back.after,
        node_class=back.node_class,
    )
    new = replace(
        old, size=back.size, wish=(), backoff=waited, changes=change_log.changes(view, decided, now)
    )
    new = update.stated(view, case.podsize, new, standing, now)
    write = Write(view.workload, new, case.podsize.resource_version, blames=True)
    return Plan(view.workload, standing, write)


def _taken(case: RollbackCase, one: UnhealthyPod) -> Plan:
    view = case.view
    standing = Standing(Phase.ROLLED_BACK, Reason.ROLLED_BACK, one.message)
    if why := rollout.template_changed(view, [one.pod.pod]):
        blocked = Standing(Phase.BLOCKED, Reason.TEMPLATE_CHANGED, why)
        new = case.podsize.status
        action = update.written(view, case.podsize, new, blocked, case.context.now)
        return Plan(view.workload, blocked, action)
    following = Next(one.pod.pod, standing.phase, None, standing.message)
    evict = claim.claim(view, case.podsize, case.podsize.status, following, case.context.now)
    return Plan(view.workload, standing, evict or Wait())


def _ground(case: RollbackCase) -> Feasibility:
    context, settings = case.context, case.settings

    def allowed(sizes: Sizes) -> bool:
        bounds = [(s, settings.container(n).bounds) for n, s in sizes.items()]
        return not any(above(s, b, context.maxima) for s, b in bounds)

    refuses = [
        _limit_ranges(case.view),
        lambda pod, sizes: context.quota_now(case.view, [pod], sizes),
    ]
    unmade = unmade_pods.refusals(case.view, context.missing, context.now)
    rejected = rejected_pods.refusals(case.view, context.rejected)

    def grows(name: str) -> bool:
        return governing.governs(case.view, settings, name, "memory")

    return Feasibility(
        refuses, context.obstacle, context.places, allowed, unmade, grows=grows, rejected=rejected
    )


def _limit_ranges(view: View) -> Refuses:
    return lambda pod, sizes: limit_range.refusal(
        view.limit_ranges, {n: sizes[n] for n in counted(pod) if n in sizes}
    )
