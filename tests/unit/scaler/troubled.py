"""Pods to which something has happened, as the scheduler and the kubelet report it."""

from typing import Any

import msgspec

from kube import objects, timestamps
from tests.unit.scaler.builders import NOW

TOO_LITTLE = "0/3 nodes are available: 3 Insufficient cpu."


def ago(seconds: float) -> str:
    return timestamps.text(NOW - seconds)


def _status(pod: objects.Pod, node: str | None, **fields: Any) -> objects.Pod:
    status = msgspec.convert({"phase": "Pending", **fields}, objects.PodStatus)
    spec = msgspec.structs.replace(pod.spec, node_name=node)
    return msgspec.structs.replace(pod, spec=spec, status=status)


def pending(pod: objects.Pod, words: str = TOO_LITTLE, *, since: float = 90) -> objects.Pod:
    """The scheduler has found no node for that many seconds."""
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    return _status(
        pod, None, conditions=[{**condition, "message": words, "lastTransitionTime": ago(since)}]
    )


def placed(pod: objects.Pod, *, since: float = 30, **state: Any) -> objects.Pod:
    """On a node and not Ready for that many seconds; `state`: of its container, with `restarts`."""
    conditions = [
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": ago(since)},
        {"type": "Ready", "status": "False", "lastTransitionTime": ago(since)},
    ]
    status: dict[str, Any] = {"name": "nginx", "restartCount": state.pop("restarts", 0)}
    status |= {"lastState": state.pop("last", {}), "state": state}
    return _status(pod, "node", conditions=conditions, containerStatuses=[status])


def looping(pod: objects.Pod, *, restarts: int = 2, since: float = 30) -> objects.Pod:
    """Its container crash-loops."""
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 20s restarting"}
    last = {"terminated": {"reason": "Error", "exitCode": 1}}
    return placed(pod, since=since, restarts=restarts, waiting=waiting, last=last)


def between(pod: objects.Pod, *, ended: float, restarts: int = 3) -> objects.Pod:
    """Its container runs again, after an end that many seconds ago."""
    last = {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": ago(ended)}}
    return placed(pod, restarts=restarts, running={"startedAt": ago(1)}, last=last)


def starting(pod: objects.Pod, *, since: float = 30) -> objects.Pod:
    """Its container runs, and has not been Ready for that many seconds."""
    return placed(pod, since=since, running={"startedAt": ago(since)})


def started(pod: objects.Pod, *, took: float, made: float = 3600) -> objects.Pod:
    """Ready since that many seconds after its creation."""
    meta = msgspec.structs.replace(pod.metadata, creation_timestamp=ago(made))
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": ago(made - took)}
    status = msgspec.convert({"phase": "Running", "conditions": [ready]}, objects.PodStatus)
    return msgspec.structs.replace(pod, metadata=meta, status=status)
