"""Is a replacement of one of the workload's pods in progress? Pure.

| what the cluster and the status show                                  | result                  |
| --------------------------------------------------------------------- | ----------------------- |
| a pod is terminating, for a minute at most (terminating.py)           | in flight               |
| a pod with the stored values is not available (minReadySeconds), or   | in flight               |
| any pod is Ready and not available yet                                |                         |
| a pod is missing, or has old values and is not Ready, after we        | in flight               |
| replaced one                                                          |                         |
| the same, but we have not replaced any                                | `NotReady`              |

The status records that we replaced one: it has reason `PendingReplacement` from just before a pod
is replaced until all pods are Ready again. With phase `Blocked` that reason only says that a pod
waits for the limits of the cluster, with `Settled` that one lingers while all others are Ready.
"""

from collections.abc import Sequence

from scaler.cluster import kubelet_says, terminating
from scaler.cluster.pod_state import PodState, pods
from scaler.cluster.terminating import Silent
from scaler.cluster.view import View
from store.model import Phase, Status
from store.reasons import Reason


def under_way(
    view: View,
    outdated: Sequence[PodState],
    now: float,
    overloaded: Sequence[PodState] = (),
    silent: Silent = lambda pod: False,
) -> str | None:
    """A message about the replacement in progress; None: there is none.

    `overloaded`: outdated pods that are not Ready for want of the new size: waiting does not help.
    """
    if message := starting(view, outdated, now, silent):
        return message
    if replaced(view.status):
        return not_ready(view, overloaded, silent, now)
    return None


def starting(
    view: View,
    outdated: Sequence[PodState],
    now: float,
    silent: Silent = lambda pod: False,
) -> str | None:
    """A message about a pod that is terminating, or is not available with the stored values."""
    old = {s.uid for s in outdated}
    if going := terminating.going(pods(view.terminating), now, lingering=False):
        return terminating.message(going, silent, now)
    for one in view.not_terminating:
        if now < one.available_from and (one.ready or one.uid not in old):
            said = kubelet_says.words(one.pod)
            return f"{one.name} is not Ready yet" + (f": {said}" if said else "")
    return None


def not_ready(
    view: View,
    but: Sequence[PodState] = (),
    silent: Silent = lambda pod: False,
    now: float = 0.0,
) -> str | None:
    """Which pods are not Ready or missing, whatever their values; None: all are Ready, or `but`."""
    if unready := [s for s in view.unready if s not in but]:
        said = kubelet_says.words(unready[0].pod)
        away = next((s.pod.spec.node_name for s in unready if _away(s, silent)), None)
        names = ", ".join(s.name for s in unready[:3])
        node = f"; node {away} is not Ready" if away else ""
        return f"not Ready: {names}" + (f" ({said})" if said else "") + node
    if len(view.not_terminating) < view.desired_replicas:
        there = f"{len(view.not_terminating)} of {view.desired_replicas} pods exist"
        going = pods(view.terminating)
        return f"{there}; {terminating.message(going, silent, now)}" if going else there
    return None


def complete(view: View) -> bool:
    """Whether all pods are there and Ready, and none is going or held."""
    gone = view.unready or view.terminating or view.held
    return not gone and len(view.not_terminating) >= view.desired_replicas


def only_lingers(view: View, now: float) -> bool:
    """Whether all that is missing of the workload are pods that linger: nobody waits for those."""
    ends = (*pods(view.terminating), *view.held)
    dead = terminating.going(ends, now, lingering=True)
    there = len(view.not_terminating) + len(dead)
    going = terminating.going(ends, now, lingering=False)
    held = any(not p.metadata.deletion_timestamp for p in view.held)
    whole = not view.unready and there >= view.desired_replicas
    return bool(dead) and whole and not going and not held


def _away(state: PodState, silent: Silent) -> bool:
    return bool(state.pod.spec.node_name) and silent(state.pod)


def replaced(status: Status) -> bool:
    """Whether we have replaced a pod, and all of them have not been Ready since."""
    return status.reason is Reason.PENDING_REPLACEMENT and status.phase is Phase.APPLYING
