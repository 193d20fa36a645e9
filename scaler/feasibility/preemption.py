"""Could a second pod push a neighbour out? Pure.

Where a node is known to have room, the scheduler takes it and preempts nobody. Where only the
scheduler knows which nodes are right (unmodelled.py), it may find none of those with room, and
make room on another by deleting pods of lower priority. Then no second pod is made.
"""

from collections.abc import Collection, Iterable

from kube import objects
from scaler.feasibility import unmodelled


def danger(pod: objects.Pod, pods: Iterable[objects.Pod], nodes: Collection[str]) -> str | None:
    """Why a second pod like this one could push out one of `pods`; None: it could not.

    `nodes`: where it could be, as far as that is known.
    """
    why = unmodelled.elsewhere(pod)
    if why is None or pod.spec.preemption_policy == "Never":
        return None
    lower = next((p for p in pods if p.spec.node_name in nodes and _below(p, pod)), None)
    if lower is None:
        return None
    name = f"{lower.metadata.namespace}/{lower.metadata.name}"
    return f"it has {why}, so that a second pod could push out {name}, of lower priority"


def _below(one: objects.Pod, other: objects.Pod) -> bool:
    return (one.spec.priority or 0) < (other.spec.priority or 0)
