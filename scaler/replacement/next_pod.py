"""May a pod be taken now, and which one: a state machine over what the cluster shows. Pure.

No state is kept: from the pods, their owner and the PodSize alone follows the one thing to do, so
a scaler that was killed at any point goes on where it stood. The rows are asked in this order; the
first that holds decides.

| what the cluster shows                                    | then                               |
| --------------------------------------------------------- | ---------------------------------- |
| nothing is stored                                         | settled                            |
| every pod has the stored values; `apply: new`; containers | settled, once they are Ready and   |
| that are not taken for (initial, observe, off)            | none is on its way (till then      |
|                                                           | `PendingReplacement`), for good    |
| paused, or dry run                                        | `Paused`                           |
| a pod came otherwise than stored, or that is still waited | `WebhookUnverified`, `Rewritten`,  |
| out: see mismatched_pods.py                               | `BackingOff`                       |
| a rollout is not finished                                 | `RolloutInProgress`                |
| the template moved on (`OnDelete`)                        | `TemplateChanged`                  |
| a pod is on its way: see in_flight.py                     | `PendingReplacement`               |
| a pod is not Ready, or missing                            | `NotReady`                         |
| it is the only pod, its replacement cannot be there first | `SingleReplica`                    |
| (see surge.py), and `single-replica: wait`                |                                    |
| the hour's restarts are used up                           | `RestartBudget`                    |
| none is left but those that say: see do_not_disrupt.py    | `DisruptionBudget`                 |
| it cannot be there first, and the replacements fit on no  | `NoNodeFits`                       |
| node                                                      |                                    |
| a ResourceQuota does not let all of them in               | `Quota`                            |
| the pod came otherwise (a LimitRange's defaults), so that | `QoSClass`                         |
| the webhook would not give it the size                    |                                    |
| a LimitRange that came since would refuse the replacement | `LimitRange`                       |
| otherwise                                                 | take the next pod: hand it over    |
|                                                           | (to delete it then, where that was |
|                                                           | asked for), else evict it          |
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kube import objects
from kube.pods import counted, staying
from scaler.annotations.options import Settings, SingleReplica
from scaler.cluster import backoff, in_flight, modes, rollout
from scaler.cluster.pod_sizes import came_with, is_current
from scaler.cluster.view import View
from scaler.disruption import do_not_disrupt, restart_budget
from scaler.feasibility import limit_range
from scaler.replacement import mismatched_pods
from scaler.replacement.candidate import Next, RestartLimits
from store.injection import inject
from store.model import Apply, Phase, StoredSize
from store.qos import changes_class, qos_class
from store.reasons import Reason

Doubt = Callable[[list[objects.Pod]], str | None]


@dataclass(frozen=True)
class Doubts:
    """Why replacements of these pods fit on no node, and why a quota would not let them in.

    `unable`: why a pod's replacement cannot be there before it goes; None: it can.
    """

    fits: Doubt
    quota: Doubt = lambda pods: None
    unable: Callable[[objects.Pod], str | None] = lambda pod: "surge is not looked at"


def next_pod(
    view: View, settings: Settings, limits: RestartLimits, doubts: Doubts, now: float
) -> Next:
    """The table above."""
    size = view.size
    if size is None:
        return Next(None, Phase.SETTLED, None)
    passive = modes.passive(view, settings)
    alive = staying(view.pods)
    outdated = [p for p in alive if not is_current(p, size, passive)]
    if size.apply is Apply.NEW or not outdated:
        return _settling(view, size, now)
    flying = in_flight.under_way(view, outdated, now) or backoff.doubtful(view, now)
    stop = _standstill(view, settings, limits, outdated, now)
    if stop:  # what is on its way still counts for the cluster
        return replace(stop, in_flight=flying is not None)
    if flying:
        return Next(None, Phase.APPLYING, Reason.PENDING_REPLACEMENT, flying, in_flight=True)
    free = [p for p in outdated if not do_not_disrupt.why(view, p)]
    following = rollout.in_turn(view, free or outdated)[0]
    unable = doubts.unable(following)
    stop = _held_back(view, settings, limits, unable, now)
    if stop:
        return stop
    if not free:
        return _blocked(Reason.DISRUPTION_BUDGET, do_not_disrupt.told(view, outdated))
    if unable and (why := doubts.fits(free)):
        return _blocked(Reason.NO_NODE_FITS, why)
    if why := doubts.quota(free):
        return _blocked(Reason.QUOTA, why)
    if refused := _refused(view, following, size):
        return _blocked(*refused)
    told = "taking the next pod"
    return Next(following, Phase.APPLYING, None, told, unable=unable, deletes=limits.deletes)


def stopped(settings: Settings, limits: RestartLimits) -> str | None:
    """Why nothing may change at all; None where it may."""
    if settings.paused:
        return "the workload or its namespace is paused"
    return limits.paused


def _settling(view: View, size: StoredSize, now: float) -> Next:
    """No pod is to be taken. A size that was proven once is not doubted again for one sick pod."""
    last = view.status.last_good
    proven = last is not None and last.revision == size.revision
    alive = staying(view.pods)
    current = bool(alive) and all(is_current(p, size) for p in alive)
    flying = None if proven else in_flight.under_way(view, [], now)
    if flying and size.apply is Apply.ALL:
        return Next(None, Phase.APPLYING, Reason.PENDING_REPLACEMENT, flying, in_flight=True)
    return Next(None, Phase.SETTLED, None, proven=proven or (current and not flying))


def _standstill(
    view: View, settings: Settings, limits: RestartLimits, outdated: list[objects.Pod], now: float
) -> Next | None:
    if why := stopped(settings, limits):
        return _blocked(Reason.PAUSED, why)
    if stop := mismatched_pods.stop(view, outdated, limits.there, now):
        return stop
    if why := rollout.unfinished(view):
        return _blocked(Reason.ROLLOUT_IN_PROGRESS, why)
    if why := rollout.moved_on(view, outdated):
        return _blocked(Reason.TEMPLATE_CHANGED, why)
    return None


def _held_back(
    view: View, settings: Settings, limits: RestartLimits, unable: str | None, now: float
) -> Next | None:
    if why := in_flight.wanting(view):
        return _blocked(Reason.NOT_READY, why)
    alive = len(staying(view.pods))
    if unable and alive == 1 and settings.single_replica is SingleReplica.WAIT:
        allow = 'podtailor.io/single-replica: "restart" allows the gap'
        told = f"it has one pod, whose replacement cannot be there first: {unable}; {allow}"
        return _blocked(Reason.SINGLE_REPLICA, told)
    status = view.status
    most = limits.per_hour + alive
    if restart_budget.counting(status.restarts, now) >= most:
        return _blocked(Reason.RESTART_BUDGET, f"{most} restarts in this hour")
    return None


def _refused(view: View, pod: objects.Pod, size: StoredSize) -> tuple[Reason, str] | None:
    """Why the webhook would not give the size to its replacement, or nobody let that in."""
    came = came_with(pod)
    sizes = inject(size, came)
    if changes_class(came, sizes):
        was, would = qos_class(came.values()), qos_class(sizes.values())
        return Reason.QOS_CLASS, f"{pod.metadata.name} came as {was}, and would be {would}"
    why = limit_range.refusal(view.limit_ranges, {n: sizes[n] for n in counted(pod)})
    return (Reason.LIMIT_RANGE, why) if why else None


def _blocked(reason: Reason, message: str) -> Next:
    return Next(None, Phase.BLOCKED, reason, message)
