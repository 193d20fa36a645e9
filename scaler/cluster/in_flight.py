"""Is a replacement of one of the workload's pods in progress? Pure.

| what the cluster and the status show                                  | result                  |
| --------------------------------------------------------------------- | ----------------------- |
| a pod is terminating                                                  | in flight               |
| a pod with the stored values is not available (minReadySeconds), or   | in flight               |
| any pod is Ready and not available yet                                |                         |
| a pod is missing, or has old values and is not Ready, after we        | in flight               |
| replaced one                                                          |                         |
| the same, but we have not replaced any                                | `NotReady`              |

The status records that we replaced one: it has reason `PendingReplacement` from just before a pod
is replaced until all pods are Ready again. With phase `Blocked` that reason only says that a pod
waits for the limits of the cluster.
"""

from collections.abc import Sequence

from scaler.cluster import oom_kills
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from store.model import Phase, Status
from store.reasons import Reason


def under_way(view: View, outdated: Sequence[PodState], now: float) -> str | None:
    """A message about the replacement in progress; None: there is none."""
    if message := starting(view, outdated, now):
        return message
    if _replaced(view.status):
        return not_ready(view)
    return None


def starting(view: View, outdated: Sequence[PodState], now: float) -> str | None:
    """A message about a pod that is terminating, or is not available with the stored values."""
    old = {s.uid for s in outdated}
    for one in view.states:
        if one.terminating:
            return f"{one.name} is being replaced"
    for one in view.states:
        if now < one.available_from and (one.ready or one.uid not in old):
            return f"{one.name} is not Ready yet"
    return None


def not_ready(view: View) -> str | None:
    """Which pods are not Ready or missing, whatever their values; None: all are Ready."""
    if view.unready:
        return f"not Ready: {', '.join(s.name for s in view.unready[:3])}"
    if len(view.not_terminating) < view.desired_replicas:
        return f"{len(view.not_terminating)} of {view.desired_replicas} pods exist"
    return None


def lacking(view: View) -> bool:
    """Whether a pod is missing, or not Ready for another reason than want of memory.

    One that is down for that (oom_kills.py) is replaced next, and never Ready before; a StatefulSet
    makes its next pod only then.
    """
    down = [s for s in view.unready if oom_kills.helped(s)]
    if down and view.workload.kind == "StatefulSet":
        return len(down) < len(view.unready)
    return len(down) < len(view.unready) or len(view.not_terminating) < view.desired_replicas


def _replaced(status: Status) -> bool:
    return status.reason is Reason.PENDING_REPLACEMENT and status.phase is not Phase.BLOCKED
