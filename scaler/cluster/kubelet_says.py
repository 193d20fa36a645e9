"""What keeps a pod from running, in the kubelet's own words about its containers. Pure.

| a container waits, reason                                | the cause is                          |
| -------------------------------------------------------- | ------------------------------------- |
| ContainerCreating, PodInitializing, or none              | it is starting: nothing is said       |
| an image that cannot be pulled, a ConfigMap or Secret    | outside: no size changes that         |
| that is not there (OUTSIDE)                              |                                       |
| CrashLoopBackOff, or it has ended once and is not Ready  | not known: how it ended last, in the  |
|                                                          | same words while it is down, waits    |
|                                                          | and starts: one crash is one message  |
| any other: RunContainerError …                           | not known                             |
| an init container (no sidecar) runs, or ended with an    | outside, after the deadline: none has |
| error: it waits for something, or fails                  | another size than its manifest's      |

A pod with scheduling gates is not given a node until those who set them have removed them.
"""

from kube import objects

OUTSIDE = frozenset(
    {
        *("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"),
        *("ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed"),
        "CreateContainerConfigError",
    }
)
_LOOPING = "CrashLoopBackOff"
_STARTING = ("", "ContainerCreating", "PodInitializing")


def statuses(pod: objects.Pod) -> list[objects.ContainerStatus]:
    """Those of all its containers, init containers first."""
    status = pod.status
    return [*(status.init_container_statuses or ()), *(status.container_statuses or ())]


def words(pod: objects.Pod) -> str | None:
    """Which container waits, and why; None: none does, or it is only starting."""
    if said := gated(pod):
        return said
    return next(filter(None, map(_said, statuses(pod))), None)


def gated(pod: objects.Pod) -> str | None:
    """Which scheduling gates it waits for; None: for none."""
    names = ", ".join(g.name for g in pod.spec.scheduling_gates or ())
    return f"its scheduling gates have not been removed: {names}" if names else None


def outside(pod: objects.Pod) -> str | None:
    """The same, where no size changes anything about it."""
    return next((_waiting(s) for s in statuses(pod) if _reason(s) in OUTSIDE), None)


def initializing(pod: objects.Pod) -> str | None:
    """Which init container has not succeeded, and how it is; None: none has begun, or all have.

    Sidecars are none of them: they may have a size, and need not end.
    """
    known = {s.name: s for s in pod.status.init_container_statuses or ()}
    for one in pod.spec.init_containers or ():
        status = known.get(one.name)
        if one.restart_policy == "Always" or status is None or status.ready:
            continue
        if status.state.running:
            return f"its init container {one.name} has not ended"
        if status.state.terminated or status.last_state.terminated:
            return f"its init container fails, {_said(status) or one.name}"
        return None
    return None


def _said(status: objects.ContainerStatus) -> str | None:
    end = status.state.terminated or status.last_state.terminated
    crashes = end and not status.ready and _reason(status) in ("", _LOOPING)
    if end and crashes and (status.restart_count or end.exit_code):
        return f"{status.name}: ended with exit code {end.exit_code}, {end.reason or 'no reason'}"
    return None if _reason(status) in _STARTING else _waiting(status)


def _reason(status: objects.ContainerStatus) -> str:
    return status.state.waiting.reason if status.state.waiting else ""


def _waiting(status: objects.ContainerStatus) -> str:
    said = status.state.waiting or objects.Waiting()
    return ": ".join(part for part in (status.name, said.reason, said.message) if part)
