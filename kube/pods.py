"""What a pod's own fields show: whether it runs, which containers, since when. Pure."""

from collections.abc import Iterable

from kube import objects, timestamps
from kube.memo import once

_OVER = ("Succeeded", "Failed")


def living(pods: Iterable[objects.Pod]) -> tuple[objects.Pod, ...]:
    """The pods that run or will run, oldest first."""
    return tuple(sorted((p for p in pods if p.status.phase not in _OVER), key=age))


def staying(pods: Iterable[objects.Pod]) -> list[objects.Pod]:
    """The pods that are not terminating."""
    return [p for p in pods if not p.metadata.deletion_timestamp]


@once
def counted(pod: objects.Pod) -> list[str]:
    """The containers that run at the same time: regular ones and sidecars."""
    sidecars = [c for c in pod.spec.init_containers or () if c.restart_policy == "Always"]
    return [c.name for c in [*pod.spec.containers, *sidecars]]


_KILLED = (137, 143)  # by SIGKILL, by SIGTERM


def killed(pod: objects.Pod, container: str) -> int:
    """How often a container was started again, where its last end was a kill, not for memory."""
    return _killed(pod).get(container, 0)


@once
def _killed(pod: objects.Pod) -> dict[str, int]:
    status, found = pod.status, dict[str, int]()
    for one in [*(status.container_statuses or ()), *(status.init_container_statuses or ())]:
        end = one.state.terminated or one.last_state.terminated
        if end and end.exit_code in _KILLED and end.reason != "OOMKilled":
            found[one.name] = one.restart_count
    return found


def started(pod: objects.Pod, container: str) -> float | None:
    """When the running container started, from the pod's status; None if it is not running."""
    return _starts(pod).get(container)


@once
def _starts(pod: objects.Pod) -> dict[str, float | None]:
    status = pod.status
    found: dict[str, float | None] = {}
    for one in [*(status.container_statuses or ()), *(status.init_container_statuses or ())]:
        if one.state.running and one.name not in found:
            found[one.name] = timestamps.seconds(one.state.running.started_at)
    return found


def container_id(pod: objects.Pod, container: str) -> str | None:
    """The ID that its cgroup has, of a container that runs; None: it does not run."""
    return container_ids(pod).get(container)


@once
def container_ids(pod: objects.Pod) -> dict[str, str]:
    """The IDs of the running containers, without the runtime's name, by the container's name."""
    status = pod.status
    every = [*(status.container_statuses or ()), *(status.init_container_statuses or ())]
    found = ((s.name, s.container_id.rpartition("/")[2]) for s in every if s.state.running)
    return {name: known for name, known in found if known}


@once
def made_after(pod: objects.Pod) -> dict[str, float | None]:
    """The earliest instant at which each running container can have been made, by its node's clock.

    That is the end of the one before it, else when the kubelet took the pod up. From its making to
    its start a slow node takes seconds (5.3 s on an emulated one).
    """
    status = pod.status
    took_up = timestamps.seconds(status.start_time)
    found = _starts(pod)
    for one in [*(status.container_statuses or ()), *(status.init_container_statuses or ())]:
        ended = one.last_state.terminated
        before = timestamps.seconds(ended.finished_at) if ended else None
        earliest = before or (None if one.restart_count else took_up)
        if one.name in found and earliest is not None:
            found = {**found, one.name: earliest}
    return found


def age(pod: objects.Pod) -> tuple[str, str]:
    """By which pods are in order, oldest first."""
    return pod.metadata.creation_timestamp or "", pod.metadata.name
