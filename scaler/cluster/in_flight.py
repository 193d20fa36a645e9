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

from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from store.model import Phase, Status
from store.reasons import Reason


def under_way(view: View, outdated: Sequence[PodState], now: float) -> str | None:
    """What is in flight; None where nothing is."""
    old = {s.uid for s in outdated}
    for one in view.states:
        if one.terminating:
            return f"{one.name} is being replaced"
    for one in view.states:
        if one.uid not in old and now < one.available_from:
            return f"{one.name} is not Ready yet"
    if _taken(view.status):
        return wanting(view)
    return None


def wanting(view: View) -> str | None:
    """Which pods are not Ready or not there, whatever their values; None where all are."""
    if view.unready:
        return f"not Ready: {', '.join(s.name for s in view.unready[:3])}"
    if len(view.not_terminating) < view.wanted:
        return f"{len(view.not_terminating)} of {view.wanted} pods are there"
    return None


def _taken(status: Status) -> bool:
    return status.reason is Reason.PENDING_REPLACEMENT and status.phase is not Phase.BLOCKED
