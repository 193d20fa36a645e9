"""Pods that are terminating: which are still waited for, and what is reported of them. Pure.

A pod that is terminating serves nobody, so it holds nobody up for long: neither the next pod of its
workload nor, in the cluster's limit of replacements in flight, the pods of others.

| since the deletion was asked for                              | the pod              |
| ------------------------------------------------------------- | -------------------- |
| at most a minute, whatever its grace period                   | is in flight         |
| longer: a long grace period, a finalizer, a node that is away | lingers: reported by |
|                                                               | name, not waited for |

Its room on the node stays used until it is gone (fit.py), and a StatefulSet or DaemonSet creates no
other pod in its place: the workload itself then lacks a pod, which is reported as such.
"""

from collections.abc import Callable, Iterable, Sequence

from kube import objects, timestamps

PATIENCE = 60.0
"""Seconds for which a pod that is terminating is waited for: twice the usual grace period."""

_DAY = 43_200.0
"""Seconds from which a time of day alone could be that of another day."""

Silent = Callable[[objects.Pod], bool]
"""Whether a pod's node is not Ready."""


def asked_at(pod: objects.Pod) -> float | None:
    """When its deletion was asked for, in seconds since the epoch; None: it was not.

    The API server's `deletionTimestamp` is the end of the grace period, not its beginning.
    """
    end = timestamps.seconds(pod.metadata.deletion_timestamp)
    return None if end is None else end - (pod.metadata.deletion_grace_period_seconds or 0)


def lingers(pod: objects.Pod, now: float) -> bool:
    """Whether it has been terminating for so long that it is not waited for any more."""
    asked = asked_at(pod)
    return asked is not None and now - asked > PATIENCE


def message(pods: Sequence[objects.Pod], silent: Silent, now: float) -> str:
    """What is reported of pods that are terminating, of which there is at least one."""
    first, others = pods[0], len(pods) - 1
    name, until = first.metadata.name, _until(first, now)
    found = f"{name} is still terminating, {until}"
    if others:
        found = f"{name} is still terminating (and {others} more), {until}"
    return f"{found}; its node {first.spec.node_name} is not Ready" if silent(first) else found


def going(pods: Iterable[objects.Pod], now: float, *, lingering: bool) -> list[objects.Pod]:
    """Those that are terminating: the ones that are not waited for any more, or the others."""
    ends = (p for p in pods if p.metadata.deletion_timestamp)
    return [p for p in ends if lingers(p, now) is lingering]


def _until(pod: objects.Pod, now: float) -> str:
    text = pod.metadata.deletion_timestamp or ""
    end = timestamps.seconds(text) or 0.0
    at = text if abs(end - now) >= _DAY else text[11:19]
    return f"until {at} at the latest" if now <= end else f"though its time was up at {at}"
