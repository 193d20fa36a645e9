"""What a pod's own fields show: whether it runs, which containers, since when. Pure."""

from collections.abc import Iterable

from kube import objects, timestamps

_OVER = ("Succeeded", "Failed")


def living(pods: Iterable[objects.Pod]) -> tuple[objects.Pod, ...]:
    """The pods that run or will run, oldest first."""
    return tuple(sorted((p for p in pods if p.status.phase not in _OVER), key=_age))


def staying(pods: Iterable[objects.Pod]) -> list[objects.Pod]:
    """The pods that are not terminating."""
    return [p for p in pods if not p.metadata.deletion_timestamp]


def counted(pod: objects.Pod) -> list[str]:
    """The containers that run at the same time: regular ones and sidecars."""
    sidecars = [c for c in pod.spec.init_containers or () if c.restart_policy == "Always"]
    return [c.name for c in [*pod.spec.containers, *sidecars]]


def started(pod: objects.Pod, container: str) -> float | None:
    """When the running container started, from the pod's status; None if it is not running."""
    status = pod.status
    for one in [*(status.container_statuses or ()), *(status.init_container_statuses or ())]:
        if one.name == container and one.state.running:
            return timestamps.seconds(one.state.running.started_at)
    return None


def _age(pod: objects.Pod) -> tuple[str, str]:
    return pod.metadata.creation_timestamp or "", pod.metadata.name
