"""Is a pod of the workload on its way already? Pure.

| what the cluster and the status show                                   | then                   |
| ---------------------------------------------------------------------- | ---------------------- |
| a pod is being deleted                                                 | in flight              |
| a pod with the stored values is not Ready, or not for minReadySeconds  | in flight              |
| one is missing, or with old values not Ready, after we took one        | in flight              |
| the same, before we took any                                           | `NotReady`             |

That we took one is on record: the status says `PendingReplacement` from before a pod is taken until
everything is there again. With phase `Blocked` it only says that a pod's turn has not come.
"""

from collections.abc import Sequence

from kube import objects, timestamps
from kube.pods import staying
from scaler.cluster.view import View
from store.model import Phase, Status
from store.reasons import Reason


def under_way(view: View, outdated: Sequence[objects.Pod], now: float) -> str | None:
    """What is in flight; None where nothing is."""
    going = [p.metadata.name for p in view.pods if p.metadata.deletion_timestamp]
    if going:
        return f"{going[0]} is being replaced"
    old = {p.metadata.uid for p in outdated}
    for pod in staying(view.pods):
        if pod.metadata.uid not in old and not available(pod, view, now):
            return f"{pod.metadata.name} is not Ready yet"
    if _taken(view.status):
        return wanting(view)
    return None


def wanting(view: View) -> str | None:
    """Which pods are not Ready or not there, whatever their values; None where all are."""
    alive = staying(view.pods)
    if unready := [p.metadata.name for p in alive if not p.ready]:
        return f"not Ready: {', '.join(unready[:3])}"
    if len(alive) < view.wanted:
        return f"{len(alive)} of {view.wanted} pods are there"
    return None


def _taken(status: Status) -> bool:
    return status.reason is Reason.PENDING_REPLACEMENT and status.phase is not Phase.BLOCKED


def available(pod: objects.Pod, view: View, now: float) -> bool:
    """Whether it is Ready, and has been for as long as its owner asks."""
    least = view.owner.spec.min_ready_seconds if view.owner else 0
    ready = pod.condition("Ready")
    if not pod.ready or ready is None:
        return False
    since = timestamps.seconds(ready.last_transition_time)
    return since is None or least == 0 or now >= since + least
