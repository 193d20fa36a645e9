"""Pods that their kubelet refused: is the size to blame? Pure.

The scheduler has placed such a pod, and the kubelet ends it before it starts, in phase Failed
(`OutOfcpu`, `OutOfmemory`, `OutOfpods`, `UnexpectedAdmissionError`, `NodeAffinity`, `Evicted` and
others; new kubelets have new words). Its owner makes another one at once, several times a second.

| the newest pods of an owner that lacks Ready ones      | then                                    |
| ------------------------------------------------------ | --------------------------------------- |
| three were refused within two minutes, each with the   | the manifest's values are given back,   |
| stored size, which changed them                        | with the kubelet's own message          |
| fewer, or the size changes nothing of them             | nothing: a scheduler and a kubelet may  |
|                                                        | disagree for a moment                   |

Hundreds of them stay until the cluster's garbage is collected. Only the newest three of a workload
are ever compared with its size, and kept: a StatefulSet deletes each before it makes the next.
"""

from collections.abc import Iterable, Iterator, Mapping

from kube import objects, timestamps
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.cluster.views import NEWEST_FAILED
from store.model import StoredSize, Workload

TIMES = NEWEST_FAILED
"""Refusals in a row that are no race any more."""
WINDOW = 120.0
"""Seconds from the creation of the first of them: pods that ran for longer were admitted."""

Rejected = Mapping[Workload, tuple[objects.Pod, ...]]
"""The newest refused pods of each workload, oldest first."""


def remembered(before: Rejected, views: Iterable[View], now: float) -> Rejected:
    """`before` with what is seen now."""
    found = {}
    for view in views:
        known = before.get(view.workload, ())
        if not view.failed and not known:
            continue
        by_uid = {p.metadata.uid: p for p in (*known, *view.failed)}
        recent = [p for p in by_uid.values() if abs(now - _made(p)) <= WINDOW]
        if recent:
            found[view.workload] = tuple(sorted(recent, key=_made)[-TIMES:])
    return found


def refusals(view: View, rejected: Rejected) -> Iterator[tuple[objects.Pod, str]]:
    """The last refused pod and the message, where the stored size may be to blame."""
    size, pods = view.size, rejected.get(view.workload, ())
    if size is None or len(pods) < TIMES:
        return
    if sum(s.ready for s in view.states) >= view.desired_replicas:
        return
    written = backoff.written_at(view.status) or 0.0
    if all(_made(p) >= written and _sized(view, p, size) for p in pods):
        yield pods[-1], words(pods[-1])


def words(pod: objects.Pod) -> str:
    """What the kubelet says of a pod that it refused."""
    status = pod.status
    said = ": ".join(t for t in (status.reason, status.message) if t) or "no message"
    return f"{pod.metadata.name} and {TIMES - 1} before it were refused by their kubelet: {said}"


def _sized(view: View, pod: objects.Pod, size: StoredSize) -> bool:
    """Whether it came with this size, and that changed it."""
    try:
        state = view.compared(pod, size)
    except ValueError:
        return False
    return state.bears(size) and not state.unsized


def _made(pod: objects.Pod) -> float:
    return timestamps.seconds(pod.metadata.creation_timestamp) or 0.0
