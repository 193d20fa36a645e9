"""Would all replacements be scheduled, without preempting any pod? Pure.

The pods are evicted one after the other: the capacity of each becomes free only when its own
replacement is created, and stays used by that replacement. Each replacement goes to the node with
the most free CPU, which is what the scheduler's default scoring tends to choose; for equal pods the
choice makes no difference.

| what uses capacity on a node                             | counted                               |
| -------------------------------------------------------- | ------------------------------------- |
| a pod that runs, or is assigned and has not started      | yes                                   |
| a terminating pod                                        | yes, until it is gone                 |
| a finished pod                                           | no                                    |
| a pending pod without a node, of any workload            | no: where it will go is not known     |
| a pod of lower priority                                  | yes: preemption is never assumed      |
| a pod that is to be evicted                              | until it is evicted                   |

A pod with a property that the model does not know does not fit: see unmodelled.py. The model does
not see host ports of pods that are not on the host's network, nor the resources that an in-place
resize in progress still uses.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from kube import objects, quantity
from scaler.feasibility import pod_requests, unmodelled
from scaler.feasibility.node_filter import Selection
from scaler.feasibility.pod_requests import Room
from store.model import Sizes

_Key = tuple[str, str, str]


class NodeCapacity:
    """The nodes and their free capacity; built once per snapshot and valid only for it."""

    def __init__(self, nodes: Sequence[objects.Node], pods: Sequence[objects.Pod]) -> None:
        self._nodes = {node.metadata.name: node for node in nodes}
        self._free = {name: pod_requests.allocatable(node) for name, node in self._nodes.items()}
        self._held: dict[_Key, tuple[str, Room]] = {}
        self._repulsions: dict[tuple[str, str], unmodelled.Repulsion] = {}
        self._open: dict[_Key, list[str]] = {}  # answers are asked for again with other sizes
        for pod in pods:
            self._count(pod)

    def obstacle(self, replaced: Sequence[objects.Pod], sizes: Sizes) -> str | None:
        """Why replacements with `sizes` would not all be scheduled; None: they would.

        `replaced` are evicted one after the other. `sizes`: by container name; containers that it
        does not name keep what the pod has.
        """
        for pod in replaced:
            if why := self.unmodelled(pod):
                return f"where {pod.metadata.name} would go is not modelled: it has {why}"
        free = dict(self._free)
        for pod in replaced:
            node, held = self._held.get(_key(pod), ("", Room()))
            if node:
                free[node] += held
            need = pod_requests.needed(pod, sizes)
            fitting = [name for name in self._allowed(pod) if not free[name].lacks(need)]
            if not fitting:
                return self._sentence(pod, need, free)
            free[max(fitting, key=lambda name: free[name].cpu)] -= need
        return None

    def beside(self, pod: objects.Pod, sizes: Sizes) -> str | None:
        """Why the pod's replacement could not be scheduled while the pod still exists.

        None: it could, or it is not known; then the scheduler decides. Each host port exists once
        per node, so a pod that uses one needs a second node.
        """
        if self.unmodelled(pod):
            return None
        need, names = pod_requests.needed(pod, sizes), self._allowed(pod)
        if ports := _host_ports(pod):
            elsewhere = replace(pod, spec=replace(pod.spec, host_network=None))
            names = [n for n in self._selected(elsewhere) if n != pod.spec.node_name]
            if not names:
                return f"{ports}, and no second node takes it"
        if any(not self._free[name].lacks(need) for name in names):
            return None
        return f"{self._sentence(pod, need, self._free)} beside the old one"

    def unmodelled(self, pod: objects.Pod) -> str | None:
        """The property of the pod that the model does not know; None: there is none."""
        return unmodelled.why(pod) or self._repelled(pod)

    def _count(self, pod: objects.Pod) -> None:
        node = pod.spec.node_name
        if node not in self._free or pod.status.phase in pod_requests.FINISHED:
            return
        held = pod_requests.held(pod)
        self._free[node] -= held
        self._held[_key(pod)] = (node, held)
        for written, term in unmodelled.repulsions(pod).items():
            self._repulsions[(pod.metadata.namespace, written)] = term

    def _repelled(self, pod: objects.Pod) -> str | None:
        for (home, _), term in self._repulsions.items():
            if term.hits(pod, home):
                return f"labels that the anti-affinity of other pods in {home} is about"
        return None

    def _allowed(self, pod: objects.Pod) -> list[str]:
        """The nodes that the scheduler would consider, free capacity aside."""
        key = _key(pod)
        if key not in self._open:
            self._open[key] = self._selected(pod)
        return self._open[key]

    def _selected(self, pod: objects.Pod) -> list[str]:
        selection = Selection(pod)
        return [n for n, node in self._nodes.items() if not selection.objection(node)]

    def _sentence(self, pod: objects.Pod, need: Room, free: Mapping[str, Room]) -> str:
        selection = Selection(pod)
        counted = Counter(
            selection.objection(node) or f"with too little {free[name].lacks(need)}"
            for name, node in self._nodes.items()
        )
        nodes = ", ".join(f"{count} {why}" for why, count in counted.most_common())
        asked = f"{quantity.format_cpu(need.cpu)} CPU and {quantity.format_memory(need.memory)}"
        most = max((free[name].cpu for name in self._allowed(pod)), default=0)
        room_left = f", at most {quantity.format_cpu(max(0, most))} CPU free" if most else ""
        who = f"no node has room for {pod.metadata.name} with {asked} memory"
        return f"{who} ({nodes or 'there are no nodes'}{room_left})"


def obstacle(
    replaced: Sequence[objects.Pod],
    sizes: Sizes,
    nodes: Sequence[objects.Node],
    pods: Sequence[objects.Pod],
) -> str | None:
    """`NodeCapacity.obstacle` for a single question."""
    return NodeCapacity(nodes, pods).obstacle(replaced, sizes)


def _host_ports(pod: objects.Pod) -> str | None:
    if pod.spec.host_network:
        return "it is on the host's network"
    used = [p.host_port for c in pod.spec.containers for p in c.ports or () if p.host_port]
    return f"it has port {used[0]} of the host" if used else None


def _key(pod: objects.Pod) -> _Key:
    return (pod.metadata.namespace, pod.metadata.name, pod.metadata.uid)
