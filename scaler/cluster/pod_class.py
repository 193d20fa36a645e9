"""Which kind of node a pod's size is for, where sizes are by kind of node. Pure.

| the pod                                                     | its size is that of               |
| ----------------------------------------------------------- | --------------------------------- |
| selects nodes of one class (store/node_classes.py), as the  | that class, from its creation on  |
| pods of a DaemonSet do                                      |                                   |
| any other, on a node, with `strategy: resize`               | its node's class: it is resized   |
| any other, on a node, and has what that class gets and the  | its node's class                  |
| default is not                                              |                                   |
| any other: not on a node yet, or it could only be replaced, | the default                       |
| by one that nobody knows the node of                        |                                   |
| on a node that has no class                                 | the default                       |
| on a node whose class is undecided (store/node_class.py),   | what it has: it is left as it is  |
| or of which there is no object (it may be made again); or   |                                   |
| not on one yet, and it selects such nodes alone, or some    |                                   |
"""

import msgspec
from msgspec.structs import replace

from kube import objects
from kube.memo import once
from kube.node_selection import NodeAffinity, NodeSelection
from scaler.cluster import pod_state
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.pod_state import PodState
from store.injection import inject
from store.model import Size, StoredSize
from store.node_classes import NodeClasses


def compared(
    pod: objects.Pod,
    size: StoredSize | None,
    nodes: NodeClasses,
    min_ready: int = 0,
    *,
    resizes: bool,
) -> PodState:
    """The state of a pod by the table above. `resizes`: with `strategy: resize`.

    Raises ValueError on an unreadable quantity.
    """
    node = pod.spec.node_name or ""
    selection, there = _selection(pod.spec), nodes.by_node.get(node)
    selected = nodes.selected(selection)
    unknown = node not in nodes.labels if node else nodes.unknown(selection)
    if unknown or node in nodes.undecided:
        state = pod_state.of(pod, size, min_ready)
        left = replace(state, target=state.actual, differing=frozenset(), resized=False)
        return replace(left, undecided=True)
    default = pod_state.of(pod, size.of_class(None) if size else None, min_ready)
    kind = selected or there
    if kind is None:
        return default
    own = pod_state.of(pod, size.of_class(kind) if size else None, min_ready)
    own = replace(own, node_class=kind, only_resized=selected is None)
    if selected or resizes:
        return replace(own, misplaced=_for_another(own, size)) if own.differing else own
    return own if own.current and not default.current else default


def given(pod: objects.Pod, size: StoredSize | None, nodes: NodeClasses) -> dict[str, Size]:
    """What the webhook would make of a new pod like this one."""
    own = size.of_class(nodes.selected(_selection(pod.spec))) if size else None
    return inject(own, came_with(pod))


def _for_another(state: PodState, size: StoredSize | None) -> bool:
    """Whether it has just what the size gives to pods on another kind of node."""
    if size is None or not size.classes:
        return False
    kinds = (None, *(c.name for c in size.classes))
    return any(inject(size.of_class(k), state.original) == state.actual for k in kinds)


@once
def _selection(spec: objects.PodSpec) -> NodeSelection:
    affinity = spec.affinity and spec.affinity.node_affinity
    return NodeSelection(
        spec.node_selector, msgspec.convert(affinity, NodeAffinity) if affinity else None
    )
