"""Which nodes the scheduler would consider for a pod, resources aside. Pure.

| the node                                                    | considered                         |
| ----------------------------------------------------------- | ---------------------------------- |
| is not Ready                                                | never: the pod would not start     |
| is unschedulable (cordoned)                                 | only with a toleration for that    |
| lacks a label of nodeSelector                               | no                                 |
| matches no term of the required node affinity               | no; an empty term matches nothing  |
| has a taint NoSchedule or NoExecute without a toleration    | no; PreferNoSchedule is ignored    |
| is not the pod's present node, and the pod is on the host's | no: its ports may be in use there  |
| network                                                     |                                    |
"""

import msgspec

from kube import objects, timestamps
from kube.node_selection import NodeAffinity, NodeSelection

_UNSCHEDULABLE = objects.Taint("node.kubernetes.io/unschedulable", "NoSchedule")
_LATE = 30.0  # seconds
_LONG = 900.0  # seconds before the end of a shortage for which it is assumed
_HARD = ("NoSchedule", "NoExecute")


class Selection:
    """One pod's constraints on nodes, decoded once."""

    def __init__(self, pod: objects.Pod) -> None:
        self._tolerations = pod.spec.tolerations or []
        self._only = pod.spec.node_name if pod.spec.host_network else None
        affinity = pod.spec.affinity and pod.spec.affinity.node_affinity
        required = msgspec.convert(affinity, NodeAffinity) if affinity else None
        self._nodes = NodeSelection(pod.spec.node_selector, required)

    def objection(self, node: objects.Node) -> str | None:
        """Why the scheduler would not choose this node; equal reasons are counted together."""
        if not ready(node):
            return "not Ready"
        if node.spec.unschedulable and not self._tolerates(_UNSCHEDULABLE):
            return "unschedulable"
        if not self._matches(node):
            return "not selected by the pod's node selector or affinity"
        for taint in node.spec.taints or ():
            if taint.effect in _HARD and not self._tolerates(taint):
                return f"tainted {taint.key}"
        if self._only and node.metadata.name != self._only:
            return "where the host's ports may be in use"
        return None

    def counts(self, node: objects.Node, affinity: str, taints: str) -> bool:
        """Whether a spread constraint with these policies (`Honor`, `Ignore`) counts the node."""
        if affinity == "Honor" and not self._matches(node):
            return False
        hard = (t for t in node.spec.taints or () if t.effect in _HARD)
        return taints != "Honor" or all(self._tolerates(t) for t in hard)

    def _matches(self, node: objects.Node) -> bool:
        return self._nodes.matches(node.metadata.name, node.metadata.labels or {})

    def _tolerates(self, taint: objects.Taint) -> bool:
        return any(_tolerates(t, taint) for t in self._tolerations)


def ready(node: objects.Node) -> bool:
    """Whether the node's kubelet reports it as Ready."""
    return any(c.type == "Ready" and c.status == "True" for c in node.status.conditions or ())


def short_of_memory(node: objects.Node, at: float) -> bool:
    """Whether the node itself lacked memory at a time, in seconds since the epoch.

    The kubelet reports `MemoryPressure` up to half a minute late, and for five minutes at least.
    """
    for c in node.status.conditions or ():
        since = timestamps.seconds(c.last_transition_time)
        if c.type == "MemoryPressure" and since is not None:
            return at >= since - _LATE if c.status == "True" else since - _LONG <= at <= since
    return False


def _tolerates(toleration: objects.Toleration, taint: objects.Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    same = bool(toleration.key) and toleration.value == taint.value
    return same and toleration.operator == "Equal"
