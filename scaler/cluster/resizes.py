"""A pod's last resize in place: who asked for it, when, and what its kubelet made of it. Pure.

Read from the pod alone, so that whoever comes new sees what was asked before. Believed is what the
containers' statuses say, not events: those have been seen with old values.

| what the pod shows                                              | the answer    |
| --------------------------------------------------------------- | ------------- |
| its containers have what its spec asks for                      | `DONE`        |
| `PodResizePending`, reason `Infeasible`                         | `INFEASIBLE`  |
| `PodResizePending`, reason `Deferred`: not now                  | `DEFERRED`    |
| `PodResizeInProgress`, reason `Error`                           | `ERROR`       |
| `PodResizeInProgress` without a reason                          | `IN_PROGRESS` |
| none of them, or only about an older generation of the pod      | `SILENT`      |
"""

from enum import Enum

from msgspec import Struct

from kube import objects, timestamps
from kube.memo import once
from scaler.cluster.pod_sizes import present, sizes_of

MANAGER = "podtailor"
"""Our field manager in resizes, which sets our own apart from those of others."""


class Answer(Enum):
    """What the kubelet made of the last resize."""

    DONE = "done"
    SILENT = "no answer"
    IN_PROGRESS = "in progress"
    DEFERRED = "deferred"
    INFEASIBLE = "infeasible"
    ERROR = "error"


class Resize(Struct, frozen=True):
    """`at`: when it was asked for, in seconds since the epoch; 0.0 where nothing says."""

    ours: bool
    at: float
    answer: Answer
    message: str = ""


@once
def last(pod: objects.Pod) -> Resize | None:
    """The pod's last resize; None where it has never been resized, as far as it shows."""
    if pod.metadata.generation <= 1:
        return None
    newest = max(_asked(pod), default=objects.ManagedFields(), key=lambda m: m.time or "")
    answer, message = _answer(pod)
    at = timestamps.seconds(newest.time) or 0.0
    known = newest.subresource or answer is not Answer.DONE
    return Resize(newest.manager == MANAGER, at, answer, message) if known else None


def _asked(pod: objects.Pod) -> list[objects.ManagedFields]:
    return [m for m in pod.metadata.managed_fields or () if m.subresource == "resize"]


def _answer(pod: objects.Pod) -> tuple[Answer, str]:
    if present(pod) == sizes_of(pod):
        return Answer.DONE, ""
    pending, acting = (_current(pod, kind) for kind in ("PodResizePending", "PodResizeInProgress"))
    if pending is not None:
        infeasible = pending.reason == "Infeasible"
        return Answer.INFEASIBLE if infeasible else Answer.DEFERRED, pending.message
    if acting is not None:
        failed = acting.reason == "Error"
        return Answer.ERROR if failed else Answer.IN_PROGRESS, acting.message
    return Answer.SILENT, ""


def _current(pod: objects.Pod, kind: str) -> objects.Condition | None:
    """The condition where it is true of what the pod's spec asks for now.

    Before Kubernetes 1.34 it does not say of which generation it is.
    """
    found = pod.condition(kind)
    if found is None or found.status != "True":
        return None
    known = found.observed_generation or pod.metadata.generation
    return found if known >= pod.metadata.generation else None
