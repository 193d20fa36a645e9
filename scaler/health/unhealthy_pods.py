"""Which pods are in need, so that their size must be doubted. Pure.

Only pods that have a size of ours, and only what the cluster itself says of them: its own words are
handed on to people.

| the pod                                                      | in need                        |
| ------------------------------------------------------------ | ------------------------------ |
| has the values that it came with                             | never: they are not ours       |
| has no node, the scheduler found too little CPU or memory,   | unplaced                       |
| and the time for that is over                                |                                |
| is Ready, or its node is silent                              | no                             |
| its size was proven (it is `lastGood`)                       | no: something else is wrong    |
| a container ended three times, and its restart is held back  | yes                            |
| or it ran again within ten minutes, and is not Ready yet     |                                |
| its image or its configuration cannot be had                 | no: not a matter of size       |
| is not Ready, and the time for that is over: the longest     | yes                            |
| where none of its containers has been made yet, as volumes   |                                |
| and network are waited for, seldom for want of memory        |                                |
| anything else                                                | no: it is starting             |
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kube import objects, timestamps
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.health.startup_deadline import Deadline

CRASHES = 2
"""Restarts of a container after which another end is a loop: some programs need a second try."""

_CALM = 600.0
"""Seconds without an end after which the kubelet, too, takes a loop to be over."""

_LACKING = re.compile(r"Insufficient (cpu|memory)")
_LOOPING = "CrashLoopBackOff"
_UNMADE = "ContainerCreating"
_NOT_OURS = (
    *("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"),
    "CreateContainerConfigError",
)

Silent = Callable[[objects.Pod], bool]


@dataclass(frozen=True, slots=True)
class Need:
    """A pod that cannot live with its size, and the cluster's words for that.

    `lacking`: the resources that the scheduler did not find; empty where the pod has a node.
    """

    pod: PodState
    words: str
    lacking: tuple[str, ...] = ()


def needs(view: View, silent: Silent, deadline: Deadline, now: float) -> Iterator[Need]:
    """By the module's table; `silent`: the kubelet of the pod's node has not been heard of."""
    everybody = (*view.pods, *view.held)
    for one in view.unready:
        pod = one.pod
        if one.unsized:
            continue
        if not pod.spec.node_name:
            if found := _unplaced(one, now - deadline.to_be_placed(everybody)):
                yield found
        elif not (silent(pod) or one.bears(view.status.last_good)):
            words = _looping(pod, now) or _late(pod, now, _patience(pod, everybody, deadline))
            if words:
                yield Need(one, f"{one.name} {words}")


def troubles(view: View, deadline: Deadline, now: float) -> Iterator[str]:
    """Of each pod of the owner's that will not do, whatever is to blame, the cluster's words."""
    everybody = (*view.pods, *view.held)
    placing = deadline.to_be_placed(everybody)
    for one in view.unready:
        pod = one.pod
        unplaced = None if pod.spec.node_name else _unplaced(one, now - placing)
        looping = _looping(pod, now)
        if unplaced:
            yield unplaced.words
        elif looping:
            yield f"{one.name} {looping}"
        elif now - _starting_since(pod) > (starting := _patience(pod, everybody, deadline)):
            yield f"{one.name} is not Ready after {starting:.0f} s"


def unplaced(view: View, deadline: Deadline, now: float) -> Iterator[str]:
    """Of each pod of the owner's that has found no node in time, the scheduler's words."""
    before = now - deadline.to_be_placed((*view.pods, *view.held))
    needs = (_unplaced(s, before) for s in view.not_terminating if not s.pod.spec.node_name)
    return (need.words for need in needs if need)


def _unplaced(one: PodState, before: float) -> Need | None:
    told = one.pod.condition("PodScheduled")
    late = _since(one.pod, "PodScheduled") < before
    if told is None or told.reason != "Unschedulable" or not late:
        return None
    lacking = tuple(dict.fromkeys(_LACKING.findall(told.message)))
    return Need(one, f"{one.name} is Pending: {told.message}", lacking or ("",))


def _looping(pod: objects.Pod, now: float) -> str | None:
    loops = any(_loops(one, now) for one in _statuses(pod))
    return f"crash-loops: {_told(pod)}" if loops else None


def _loops(one: objects.ContainerStatus, now: float) -> bool:
    if one.state.waiting:
        return one.state.waiting.reason == _LOOPING and one.restart_count >= CRASHES
    ended = (
        timestamps.seconds(one.last_state.terminated.finished_at)
        if one.last_state.terminated
        else None
    )
    return one.restart_count > CRASHES and not one.ready and (ended or 0.0) > now - _CALM


def _late(pod: objects.Pod, now: float, patience: float) -> str | None:
    waiting = [s.state.waiting for s in _statuses(pod)]
    if not waiting or any(w and w.reason in _NOT_OURS for w in waiting):
        return None  # the kubelet has told nothing yet, or something else
    seconds = now - _starting_since(pod)
    return f"is not Ready after {seconds:.0f} s: {_told(pod)}" if seconds > patience else None


def _patience(pod: objects.Pod, everybody: Sequence[objects.Pod], deadline: Deadline) -> float:
    """Seconds that it may take. A kubelet that could not reach the API server comes back late."""
    waiting = [s.state.waiting for s in _statuses(pod)]
    if waiting and all(w and w.reason == _UNMADE for w in waiting):
        return deadline.longest
    return deadline.to_be_ready(everybody)


def _told(pod: objects.Pod) -> str:
    """The kubelet's words: of a container that waits or has ended, else of the pod."""
    for one in _statuses(pod):
        held, end = one.state.waiting, one.state.terminated or one.last_state.terminated
        last = f"last: {end.reason}, exit code {end.exit_code}" if end else ""
        if parts := [p for p in (held and (held.message or held.reason), last) if p]:
            return f"{one.name}: {'; '.join(parts)}"
    ready = pod.condition("Ready")
    return ready.message if ready and ready.message else "the kubelet says no more"


def _starting_since(pod: objects.Pod) -> float:
    return max(_since(pod, "PodScheduled"), _since(pod, "Ready"))


def _since(pod: objects.Pod, condition: str) -> float:
    """When a condition last turned, but never before the pod was made: clocks differ."""
    made = timestamps.seconds(pod.metadata.creation_timestamp) or 0.0
    told = pod.condition(condition)
    turned = timestamps.seconds(told.last_transition_time) if told else None
    return max(made, turned or made)


def _statuses(pod: objects.Pod) -> list[objects.ContainerStatus]:
    status = pod.status
    return [*(status.init_container_statuses or ()), *(status.container_statuses or ())]
