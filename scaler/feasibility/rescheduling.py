"""Whether a pod that is lost now would find a node again, as one cycle sees the nodes. Pure.

Asked for each pod each cycle, so the answer that costs nothing comes first: a pod that is lost
leaves its own room behind. What passes by itself in a moment is no loss.

| the pod's node, the pod, the others             | the pod                                  |
| ----------------------------------------------- | ---------------------------------------- |
| is silent (not Ready)                           | comes back: so may the node, in a moment |
| takes it still, and the size asks for no more   | comes back                               |
| than the pod has                                |                                          |
| has what cannot be foreseen (see unmodelled.py) | nobody can say: it is not doubted        |
| some node has room; what pods hold that are     | comes back                               |
| going is free by then                           |                                          |
| otherwise                                       | is lost                                  |
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kube import objects
from kube.pods import staying
from scaler.cluster.pod_sizes import sizes_of
from scaler.cluster.snapshot import Snapshot
from scaler.feasibility import node_filter, pod_requests
from scaler.feasibility.fit import NodeCapacity
from store.model import Sizes

_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})
"""Access modes of claims that several pods may use, wherever they are."""

Obstacle = Callable[[Sequence[objects.Pod], Sizes], str | None]


@dataclass(frozen=True)
class Places:
    """`lost`: why the pod would find no node with these sizes; None: it would, or nobody knows.

    `unforeseen`: why nobody can say where the pod would go; `silent`: its node is not Ready;
    `beside`: why a second one finds no room; `exclusive`: which of its volumes only one may have.
    """

    lost: Callable[[objects.Pod, Sizes], str | None] = lambda pod, sizes: None
    unforeseen: Callable[[objects.Pod], str | None] = lambda pod: None
    silent: Callable[[objects.Pod], bool] = lambda pod: False
    beside: Callable[[objects.Pod, Sizes], str | None] = lambda pod, sizes: None
    exclusive: Callable[[objects.Pod], str | None] = lambda pod: None


class Nodes:
    """The nodes of one cycle; what their pods leave free is summed up where somebody asks."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @classmethod
    def of(cls, snapshot: Snapshot, before: "Nodes") -> "Nodes":
        """Those of a snapshot: the ones of `before` where no node and no pod is another."""
        held = before._snapshot
        same = held.nodes is snapshot.nodes and held.pods is snapshot.pods
        return before if same else cls(snapshot)

    def places(self) -> Places:
        """The answers about single pods."""
        return Places(
            self._lost,
            lambda pod: self._now.unforeseen(pod),
            self._silent,
            lambda pod, sizes: self._now.beside(pod, sizes),
            self._exclusive,
        )

    def obstacle(self, pods: Sequence[objects.Pod], sizes: Sizes) -> str | None:
        """Why replacements of these pods would not fit, all together."""
        return self._now.obstacle(pods, sizes)

    @cached_property
    def _now(self) -> NodeCapacity:
        return NodeCapacity([*self._snapshot.nodes.values()], [*self._snapshot.pods.values()])

    @cached_property
    def _soon(self) -> NodeCapacity:
        return NodeCapacity([*self._snapshot.nodes.values()], staying(self._snapshot.pods.values()))

    @cached_property
    def _plain(self) -> frozenset[str]:
        """The names of the nodes that are Ready and ask nothing of pods."""
        return frozenset(
            n.metadata.name
            for n in self._snapshot.nodes.values()
            if node_filter.ready(n) and not n.spec.taints and not n.spec.unschedulable
        )

    def _node(self, pod: objects.Pod) -> objects.Node | None:
        return self._snapshot.nodes.get(("", pod.spec.node_name or ""))

    def _silent(self, pod: objects.Pod) -> bool:
        node = self._node(pod)
        return node is None or not node_filter.ready(node)

    def _exclusive(self, pod: objects.Pod) -> str | None:
        for volume in pod.spec.volumes or ():
            name = (volume.persistent_volume_claim or {}).get("claimName")
            if name is None:
                continue
            claim = self._snapshot.claims.get((pod.metadata.namespace, str(name)))
            modes = claim.spec.access_modes if claim else ["unknown"]
            if not _SHARED & {*modes}:
                return f"volume {volume.name} is {modes[0] if modes else 'unknown'}"
        return None

    def _lost(self, pod: objects.Pod, sizes: Sizes) -> str | None:
        if self._home(pod, sizes) or self._now.unforeseen(pod):
            return None
        return self._soon.obstacle([pod], sizes)

    def _home(self, pod: objects.Pod, sizes: Sizes) -> bool:
        if pod.spec.node_name in self._plain:
            return _asks_no_more(pod, sizes)
        node = self._node(pod)
        if node is None:
            return False
        if not node_filter.ready(node):
            return True
        return _asks_no_more(pod, sizes) and node_filter.Selection(pod).objection(node) is None


def _asks_no_more(pod: objects.Pod, sizes: Sizes) -> bool:
    """Whether a pod of these sizes has room where the pod has it."""
    same = sizes == sizes_of(pod)
    return same or not pod_requests.held(pod).lacks(pod_requests.needed(pod, sizes))
