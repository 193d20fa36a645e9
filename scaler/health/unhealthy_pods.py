"""Which pods are unhealthy, so that their size may be to blame. Pure.

Only pods whose size podtailor changed, and only what the cluster reports about them: its messages
are passed on to the user unchanged.

| the pod                                                      | unhealthy                      |
| ------------------------------------------------------------ | ------------------------------ |
| has the values that it came with                             | never: podtailor did not set   |
|                                                              | them                           |
| is not scheduled for want of CPU or memory, after the        | yes: unscheduled               |
| deadline                                                     |                                |
| has scheduling gates after the deadline                      | yes: whoever has to remove     |
|                                                              | them may go by the size        |
| is Ready, or its node is not Ready                           | no                             |
| has a size that all pods ran with before (`lastGood`)        | no: the cause is another       |
| has a container that ended three times, and is in            | yes                            |
| CrashLoopBackOff, or ended within the last ten minutes and   |                                |
| is not Ready                                                 |                                |
| cannot pull its image or read its configuration, or its init | no: its size is not the cause  |
| containers have not succeeded                                |                                |
| is not Ready after the deadline (the longest one, if none of | yes                            |
| its containers has been created: it waits for volumes or     |                                |
| network, rarely for memory)                                  |                                |
| any other                                                    | no: it is starting             |
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from kube import objects, timestamps
from scaler.cluster import kubelet_says, oom_kills
from scaler.cluster.kubelet_says import initializing
from scaler.cluster.pod_state import PodState
from scaler.cluster.terminating import Silent
from scaler.cluster.view import View
from scaler.health.crash_loops import detail, looping
from scaler.health.startup_deadline import Deadline
from store.reasons import Reason

_LACKING = re.compile(r"Insufficient (cpu|memory)")
_CREATING = "ContainerCreating"


class UnhealthyPod(Struct, frozen=True):
    """A pod that cannot live with its size, and the cluster's message about it.

    `lacking`: the resources that the scheduler did not find; empty if the pod is scheduled.
    `killed`: the containers that it lost for want of memory: only more of it helps.
    """

    pod: PodState
    message: str
    lacking: tuple[str, ...] = ()
    killed: frozenset[str] = frozenset()


def unhealthy(view: View, silent: Silent, deadline: Deadline, now: float) -> Iterator[UnhealthyPod]:
    """The unhealthy pods by the module's table; `silent`: whether the pod's node is not Ready."""
    all_pods = (*view.pods, *view.held)
    for one in view.unready:
        pod = one.pod
        if one.unsized:
            continue
        if not pod.spec.node_name:
            if found := _unscheduled(one, now - deadline.to_be_placed(all_pods)):
                yield found
        elif not (silent(pod) or one.bears(view.status.last_good) or initializing(pod)):
            message = looping(pod, now) or _late(pod, now, all_pods, deadline)
            if message:
                yield UnhealthyPod(one, f"{one.name} {message}", killed=oom_kills.down(one))


class Failure(Struct, frozen=True):
    """A pod that will not do, and the cluster's message about it.

    `cause`: the reason where no size can be to blame; None: its size may be.
    """

    message: str
    cause: Reason | None = None


def failures(
    view: View, of: Iterable[PodState], silent: Silent, deadline: Deadline, now: float
) -> Iterator[Failure]:
    """Each of these pods of the owner that is not Ready in time, whatever the cause."""
    all_pods = (*view.pods, *view.held)
    placing = deadline.to_be_placed(all_pods)
    for one in of:
        pod = one.pod
        pending = None if pod.spec.node_name else _unscheduled(one, now - placing)
        loops = None if initializing(pod) else looping(pod, now)
        if pending:
            foreseen = Reason.NO_NODE_FITS if pending.lacking == ("",) else None
            yield Failure(pending.message, foreseen)
        elif loops:
            yield Failure(f"{one.name} {loops}")
        elif said := held_up(one, all_pods, deadline, now):
            yield Failure(said, Reason.BACKING_OFF)
        elif now - _starting_since(pod) > (starting := _patience(pod, all_pods, deadline)):
            late = f"{one.name} is not Ready after {starting:.0f} s"
            away = bool(pod.spec.node_name) and silent(pod)
            cause = f"its node {pod.spec.node_name} is not Ready" if away else detail(pod)
            yield Failure(f"{late}: {cause}")


def held_up(
    one: PodState, all_pods: Sequence[objects.Pod], deadline: Deadline, now: float
) -> str | None:
    """What the pod has been waiting for too long that is no matter of its size; None: nothing.

    Init containers have the time that start-ups of `all_pods` took; what is missing is not waited
    for.
    """
    if one.ready:
        return None
    said, patience = kubelet_says.outside(one.pod), deadline.shortest
    if said is None:
        said, patience = initializing(one.pod), _patience(one.pod, all_pods, deadline)
    seconds = now - _starting_since(one.pod)
    if said is None or seconds <= patience:
        return None
    return f"{one.name} is not Ready after {seconds:.0f} s: {said}"


def unscheduled(view: View, deadline: Deadline, now: float) -> Iterator[str]:
    """The scheduler's message about each pod of the owner that is not scheduled in time."""
    before = now - deadline.to_be_placed((*view.pods, *view.held))
    found = (_unscheduled(s, before) for s in view.not_terminating if not s.pod.spec.node_name)
    return (one.message for one in found if one)


def _unscheduled(one: PodState, before: float) -> UnhealthyPod | None:
    condition = one.pod.condition("PodScheduled")
    late = _since(one.pod, "PodScheduled") < before
    if late and (gates := kubelet_says.gated(one.pod)):
        return UnhealthyPod(one, f"{one.name} is Pending: {gates}")
    if condition is None or condition.reason != "Unschedulable" or not late:
        return None
    lacking = tuple(dict.fromkeys(_LACKING.findall(condition.message)))
    return UnhealthyPod(one, f"{one.name} is Pending: {condition.message}", lacking or ("",))


def _late(
    pod: objects.Pod, now: float, all_pods: Sequence[objects.Pod], deadline: Deadline
) -> str | None:
    if not kubelet_says.statuses(pod) or kubelet_says.outside(pod):
        return None  # the kubelet has not reported anything, or another cause
    seconds = now - _starting_since(pod)
    if seconds <= _patience(pod, all_pods, deadline):
        return None
    usual = deadline.explained(all_pods)
    allowed = f" ({usual})" if usual else ""
    return f"is not Ready after {seconds:.0f} s{allowed}: {detail(pod)}"


def _patience(pod: objects.Pod, all_pods: Sequence[objects.Pod], deadline: Deadline) -> float:
    """Seconds until the pod must be Ready.

    Longest while no container is created: so it is after a kubelet was cut off from the API server.
    """
    waiting = [s.state.waiting for s in kubelet_says.statuses(pod)]
    if waiting and all(w and w.reason == _CREATING for w in waiting):
        return max(deadline.longest, deadline.to_be_ready(all_pods))
    return deadline.to_be_ready(all_pods)


def _starting_since(pod: objects.Pod) -> float:
    return max(_since(pod, "PodScheduled"), _since(pod, "Ready"))


def _since(pod: objects.Pod, condition: str) -> float:
    """When a condition last changed, but not before the pod's creation: clocks differ."""
    created = timestamps.seconds(pod.metadata.creation_timestamp) or 0.0
    found = pod.condition(condition)
    changed = timestamps.seconds(found.last_transition_time) if found else None
    return max(created, changed or created)
