"""May a pod be replaced now, and which one? The first of CHECKS with a result decides. Pure.

There is no state: the next step follows from the pods, their owner and the PodSize alone, so a
scaler that was killed at any point continues there. docs/checks.md has the checks as a table.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from kube.pods import counted
from scaler.annotations.options import Settings, SingleReplica
from scaler.checks import Checks
from scaler.cluster import in_flight, manifest, oom_kills, rollout
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.pod_state import PodState, pods
from scaler.disruption import do_not_disrupt, restart_budget
from scaler.feasibility import limit_range
from scaler.health import unhealthy_pods
from scaler.replacement import in_place, mismatched_pods
from scaler.replacement.candidate import Next, NextCase, RestartLimits
from store.model import Apply, Phase
from store.qos import reclassed
from store.reasons import Reason


def next_pod(case: NextCase) -> Next:
    """The pod to replace, or why none is replaced."""
    return in_place.explained(case, CHECKS.first(case))


def stopped(settings: Settings, limits: RestartLimits) -> str | None:
    """Why nothing may change at all; None: changes are allowed."""
    if settings.paused:
        return "the workload or its namespace is paused"
    return limits.paused


def nothing_stored(case: NextCase) -> Next | None:
    """No size is stored: there is nothing to do."""
    return Next(None, Phase.SETTLED, None) if case.view.size is None else None


def held_up(case: NextCase) -> Next | None:
    """A pod that has the stored size waits for something else, such as its image or a ConfigMap,
    for too long (kubelet_says.py): `NotReady`, and a failure if it came as a replacement."""
    size = case.view.size
    mine = (s for s in case.view.unready if s.current or s.bears(size))
    why = next((w for s in mine if (w := unhealthy_pods.held_up(s, case.deadline, case.now))), None)
    if why is None:
        return None
    failed = in_flight.replaced(case.view.status)
    return Next(None, Phase.BLOCKED, Reason.NOT_READY, why, failed=failed)


def settling(case: NextCase) -> Next | None:
    """No pod is left to replace, but one is missing or not Ready yet, and the size is new:
    `PendingReplacement`, until all pods have shown that they can live with it."""
    size = case.view.size
    if size is None or size.apply is Apply.NEW or case.outdated or not case.starting:
        return None
    return _pending(case.starting)


def settled(case: NextCase) -> Next | None:
    """No pod is to be replaced: all have the stored size, or it is only for new pods (`apply: new`,
    containers in mode `initial`, `observe` or `off`)."""
    if case.outdated:
        return None
    current = bool(case.states) and not case.view.differing
    proven = case.proven or (current and not case.starting)
    return Next(None, Phase.SETTLED, None, proven=proven, lingering=case.lingering)


def paused(case: NextCase) -> Next | None:
    """The workload, its namespace or the scaler is paused, or it is a dry run: `Paused`."""
    return _blocked(case, Reason.PAUSED, stopped(case.settings, case.limits))


def mismatched(case: NextCase) -> Next | None:
    """A new pod was created without the stored values, or the back-off after that is not over
    (mismatched_pods.py): `WebhookUnverified`, `Rewritten` or `BackingOff`."""
    stop = mismatched_pods.stop(case.view, case.outdated, case.limits.there, case.now)
    return replace(stop, in_flight=case.in_flight is not None) if stop else None


def rollout_unfinished(case: NextCase) -> Next | None:
    """A rollout is unfinished: the owner is already replacing pods. `RolloutInProgress`. Not where
    a new pod is down for want of memory, which the rollout waits for."""
    newest = {s.uid for s in rollout.newest(case.view)}
    if case.down and newest.issuperset(s.uid for s in case.down):
        return None
    return _blocked(case, Reason.ROLLOUT_IN_PROGRESS, rollout.unfinished(case.view))


def template_changed(case: NextCase) -> Next | None:
    """The template changed without a rollout (update strategy OnDelete): the replacement would be
    another program. `TemplateChanged`."""
    return _blocked(
        case, Reason.TEMPLATE_CHANGED, rollout.template_changed(case.view, pods(case.replaced))
    )


def replacement_pending(case: NextCase) -> Next | None:
    """A pod is being replaced, and one at a time is enough (in_flight.py): `PendingReplacement`."""
    return _pending(case.in_flight) if case.in_flight else None


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
    return kept or _blocked(case, Reason.NOT_READY, _not_ready(case, helped))


def single_replica(case: NextCase) -> Next | None:
    """It is the only pod, surge is impossible (surge.py), and the workload does not allow the gap
    (`single-replica: wait`): `SingleReplica`, or `Refused` if surge is refused by somebody. Not
    where it is down for want of memory."""
    if case.down:
        return None
    if len(case.states) != 1 or case.settings.single_replica is not SingleReplica.WAIT:
        return None
    if not case.unable:
        return None
    allow = 'podtailor.io/single-replica: "restart" allows the gap'
    why = f"it has one pod, whose replacement cannot be Ready first: {case.unable}; {allow}"
    reason = Reason.REFUSED if case.prospects.refused else Reason.SINGLE_REPLICA
    return _blocked(case, reason, why)


def budget_used_up(case: NextCase) -> Next | None:
    """The workload's restarts for this hour are used up: `RestartBudget`."""
    most = case.limits.per_hour + len(case.states)
    if restart_budget.counting(case.view.status.restarts, case.now) < most:
        return None
    return _blocked(case, Reason.RESTART_BUDGET, f"{most} restarts in this hour")


def protected(case: NextCase) -> Next | None:
    """All remaining pods are protected by annotations (do_not_disrupt.py): `DisruptionBudget`."""
    if case.free or not case.replaced:
        return None
    kept = case.limits.kept_nodes
    why = do_not_disrupt.message(case.view, case.replaced, case.now, kept)
    return _blocked(case, Reason.DISRUPTION_BUDGET, why)


def no_node_fits(case: NextCase) -> Next | None:
    """Surge is impossible, and the replacements fit on no node: `NoNodeFits`."""
    return _blocked(
        case, Reason.NO_NODE_FITS, case.prospects.fits(case.free) if case.unable else None
    )


def over_quota(case: NextCase) -> Next | None:
    """A ResourceQuota does not admit all of the replacements: `Quota`."""
    return _blocked(case, Reason.QUOTA, case.prospects.quota(case.free))


def class_changes(case: NextCase) -> Next | None:
    """The size would change the QoS class that the pod came with (by a LimitRange's defaults), so
    the webhook would not apply it: `QoSClass`."""
    if case.candidate is None:
        return None
    came, groups = came_with(case.candidate), manifest.arriving(case.view)
    change = reclassed(came, case.replacement, groups)
    why = f"{case.candidate.metadata.name} would be {change}, as it came" if change else None
    return _blocked(case, Reason.QOS_CLASS, why)


def limit_range_refuses(case: NextCase) -> Next | None:
    """A LimitRange created after the decision would refuse the replacement: `LimitRange`."""
    names = counted(case.candidate) if case.candidate else ()
    sizes = {n: case.replacement[n] for n in names}
    return _blocked(case, Reason.LIMIT_RANGE, limit_range.refusal(case.view.limit_ranges, sizes))


def replace_next(case: NextCase) -> Next:
    """No check objects: hand the next pod over (and delete it, with `disruption: delete`, or where
    it is down for want of memory), or evict it if surge is impossible."""
    deletes, message = case.limits.deletes, "replacing the next pod"
    unable = case.unable
    if case.down and case.candidate is not None:
        rolling = rollout.unfinished(case.view)
        deletes = case.prospects.deletes and not rolling
        unable = rolling or f"{case.candidate.metadata.name} is down for want of memory"
    return Next(case.candidate, Phase.APPLYING, None, message, unable=unable, deletes=deletes)


def _not_ready(case: NextCase, helped: Sequence[PodState] = ()) -> str | None:
    return in_flight.not_ready(case.view, helped, case.prospects.silent, case.now)


def _blocked(case: NextCase, reason: Reason, message: str | None) -> Next | None:
    """None if there is no message. A replacement in progress counts for the cluster's limits."""
    if not message:
        return None
    replacing = case.in_flight is not None
    return Next(None, Phase.BLOCKED, reason, message, in_flight=replacing)


def _pending(message: str) -> Next:
    return Next(None, Phase.APPLYING, Reason.PENDING_REPLACEMENT, message, in_flight=True)


CHECKS = Checks(
    "May a pod be replaced now, and which one",
    (
        nothing_stored,
        held_up,
        in_place.withdrawn,
        settling,
        settled,
        paused,
        mismatched,
        rollout_unfinished,
        in_place.resized_in_place,
        template_changed,
        replacement_pending,
        not_ready,
        single_replica,
        budget_used_up,
        protected,
        no_node_fits,
        over_quota,
        class_changes,
        limit_range_refuses,
    ),
    replace_next,
)
