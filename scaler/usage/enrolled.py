"""The pods whose usage is asked for, by node: nothing of any other is read or kept. Pure."""

from collections.abc import Iterable, Mapping

from kube import objects
from scaler.usage.exposition import Pods

Enrolled = Mapping[str, Pods]
"""By node, namespace and name of the pods; "" has those that are not bound yet."""


def by_node(pods: Iterable[objects.Pod]) -> Enrolled:
    """All of these pods, by their node."""
    found: dict[str, set[tuple[str, str]]] = {}
    for pod in pods:
        key = (pod.metadata.namespace, pod.metadata.name)
        found.setdefault(pod.spec.node_name or "", set()).add(key)
    return {node: frozenset(some) for node, some in found.items()}


def of(pods: Iterable[objects.Pod], enrolled: Enrolled) -> list[objects.Pod]:
    """Those of the pods that are asked for."""
    none: Pods = frozenset()
    return [
        p
        for p in pods
        if (p.metadata.namespace, p.metadata.name) in enrolled.get(p.spec.node_name or "", none)
    ]
