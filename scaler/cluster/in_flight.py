"""Is a replacement of one of the workload's pods in progress? Pure.

| what the cluster and the status show                                  | result                  |
| --------------------------------------------------------------------- | ----------------------- |
| a pod is terminating                                                  | in flight               |
| a pod with the stored values is not available (minReadySeconds)       | in flight               |
| a pod is missing, or has old values and is not Ready, after we        | in flight               |
| replaced one                                                          |                         |
| the same, but we have not replaced any                                | `NotReady`              |

The status records that we replaced one: it has reason `PendingReplacement` from just before a pod
is replaced until all pods are Ready again. With phase `Blocked` that reason only says that a pod
waits for the limits of the cluster.
"""

from collections.abc import Sequence

from scaler.cluster import kubelet_says
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from store.model import Phase, Status
from store.reasons import Reason


def under_way(
    view: View,
    outdated: Sequence[PodState],
    now: float,
    overloaded: Sequence[PodState] = (),
) -> str | None:
    """A message about the replacement in progress; None: there is none.

    `overloaded`: outdated pods that are not Ready for want of the new size: waiting does not help.
    """
    old = {s.uid for s in outdated}
    for one in view.states:
        if one.terminating:
            return f"{one.name} is being replaced"
    for one in view.states:
        if one.uid not in old and now < one.available_from:
            said = kubelet_says.words(one.pod)
            return f"{one.name} is not Ready yet" + (f": {said}" if said else "")
    if replaced(view.status):
        return not_ready(view, overloaded)
    return None


def not_ready(view: View, but: Sequence[PodState] = ()) -> str | None:
    """Which pods are not Ready or missing, whatever their values; None: all are Ready, or `but`."""
    if unready := [s for s in view.unready if s not in but]:
        said = kubelet_says.words(unready[0].pod)
        names = ", ".join(s.name for s in unready[:3])
        return f"not Ready: {names}" + (f" ({said})" if said else "")
    if len(view.not_terminating) < view.desired_replicas:
        return f"{len(view.not_terminating)} of {view.desired_replicas} pods exist"
    return None


def replaced(status: Status) -> bool:
    """Whether we have replaced a pod, and all of them have not been Ready since."""
    return status.reason is Reason.PENDING_REPLACEMENT and status.phase is not Phase.BLOCKED
