"""If a pod went away now, could its replacement be scheduled? Pure.

This is checked for each pod in each cycle, so the cheapest rows come first: a pod that goes away
leaves its own capacity free. A condition that usually ends by itself is no obstacle.

| condition, the first that holds counts                          | the replacement              |
| --------------------------------------------------------------- | ---------------------------- |
| the pod's node is not Ready                                     | can: the node may come back  |
| its node still accepts the pod, and the size requests no more   | can                          |
| than the pod has                                                |                              |
| only the pod's own node is known to be right (unmodelled.py)    | unknown, so it counts as can |
| some node has room, counting that of terminating pods as free   | can                          |
| otherwise                                                       | is unschedulable             |
"""

from collections.abc import Callable, Sequence
from operator import attrgetter, is_

from msgspec import Struct

from kube import objects
from kube.memo import computed_once
from kube.pods import staying
from scaler.cluster.pod_sizes import sizes_of
from scaler.cluster.snapshot import Snapshot
from scaler.feasibility import node_filter, pod_requests, unmodelled
from scaler.feasibility.fit import Known, NodeCapacity
from scaler.feasibility.questions import Questions
from store.model import Sizes

_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})
"""Access modes of claims that pods on several nodes may use."""

_made_of = attrgetter("nodes", "pods", "claims", "namespaces")

Obstacle = Callable[[Sequence[objects.Pod], Sizes], str | None]


class Places(Struct, frozen=True):
    """Questions about single pods; each answer is a message, or None where nothing is wrong.

    `unschedulable`: why no node would take a replacement with these sizes; None also if unknown.
    `unmodelled`: the property because of which that is unknown. `silent`: its node is not Ready.
    `beside`: why a second pod could not run at the same time. `exclusive`: which of its volumes
    only one pod or node may use. `short`: whether its node was short of memory at a time.
    """

    unschedulable: Callable[[objects.Pod, Sizes], str | None] = lambda pod, sizes: None
    unmodelled: Callable[[objects.Pod], str | None] = lambda pod: None
    silent: Callable[[objects.Pod], bool] = lambda pod: False
    beside: Callable[[objects.Pod, Sizes], str | None] = lambda pod, sizes: None
    exclusive: Callable[[objects.Pod], str | None] = lambda pod: None
    short: Callable[[objects.Pod, float], bool] = lambda pod, at: False
    in_place: Obstacle = lambda pods, sizes: None
    """Why the nodes of running pods have no room to resize them."""
    plain: frozenset[str] = frozenset()
    """Nodes that are Ready, not cordoned, and have no taints: a pod there that asks for no more
    than it has can come back, whatever else the cluster is like."""


class Nodes:
    """The nodes of one snapshot; their free capacity is computed on demand."""

    def __init__(self, snapshot: Snapshot, questions: Questions | None = None) -> None:
        self._snapshot = snapshot
        self.questions = questions or Questions()

    @classmethod
    def of(cls, snapshot: Snapshot, before: "Nodes") -> "Nodes":
        """The nodes of a snapshot; `before` is reused if nothing that it is made of has changed."""
        last = before._snapshot
        same = all(map(is_, _made_of(last), _made_of(snapshot)))
        return before if same else cls(snapshot, before.questions)

    def places(self) -> Places:
        """The answers about single pods."""
        return Places(
            self._unschedulable,
            lambda pod: self._now.unmodelled(pod),
            self._silent,
            lambda pod, sizes: self._now.beside(pod, sizes),
            self._exclusive,
            self._short,
            lambda pods, sizes: self._now.in_place(pods, sizes),
            self._plain,
        )

    def obstacle(self, pods: Sequence[objects.Pod], sizes: Sizes) -> str | None:
        """Why replacements of these pods would not all be scheduled; None: they would."""
        return self._now.obstacle(pods, sizes)

    @property
    def _now(self) -> NodeCapacity:
        self.questions.asked += 1
        return self._with_all

    @property
    def _soon(self) -> NodeCapacity:
        self.questions.asked += 1
        return self._without_terminating

    @computed_once
    def _with_all(self) -> NodeCapacity:
        return self._capacity([*self._snapshot.pods.values()])

    @computed_once
    def _without_terminating(self) -> NodeCapacity:
        return self._capacity(staying(self._snapshot.pods.values()))

    def _capacity(self, pods: Sequence[objects.Pod]) -> NodeCapacity:
        spaces = self._snapshot.namespaces.values()
        labels = {n.metadata.name: n.metadata.labels or {} for n in spaces}
        known = Known(labels, self._snapshot.claims)
        return NodeCapacity([*self._snapshot.nodes.values()], pods, known)

    @computed_once
    def _plain(self) -> frozenset[str]:
        """The names of the nodes that are Ready, not cordoned and have no taints."""
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

    def _short(self, pod: objects.Pod, at: float) -> bool:
        node = self._node(pod)
        return node is not None and node_filter.short_of_memory(node, at)

    def _exclusive(self, pod: objects.Pod) -> str | None:
        for volume in pod.spec.volumes or ():
            if (name := unmodelled.claim_of(volume)) is None:
                continue
            claim = self._snapshot.claims.get((pod.metadata.namespace, name))
            modes = claim.spec.access_modes if claim else ["unknown"]
            if not _SHARED & {*modes}:
                return f"volume {volume.name} is {modes[0] if modes else 'unknown'}"
        return None

    def _unschedulable(self, pod: objects.Pod, sizes: Sizes) -> str | None:
        if self._same_node(pod, sizes) or self._now.unmodelled(pod):
            return None
        return self._soon.obstacle([pod], sizes)

    def _same_node(self, pod: objects.Pod, sizes: Sizes) -> bool:
        if pod.spec.node_name in self._plain:
            return asks_no_more(pod, sizes)
        node = self._node(pod)
        if node is None:
            return False
        if not node_filter.ready(node):
            return True
        return asks_no_more(pod, sizes) and node_filter.Selection(pod).objection(node) is None


def asks_no_more(pod: objects.Pod, sizes: Sizes) -> bool:
    """Whether these sizes request no more than the pod does."""
    same = sizes == sizes_of(pod)
    return same or not pod_requests.held(pod).lacks(pod_requests.needed(pod, sizes))
