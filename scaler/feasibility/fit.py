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

| a pending pod without a node, where a device is asked    | its devices: it takes what is freed   |
| for                                                      |                                       |

What other pods require of the node: inter_pod.py. Of a pod with a property that the model does not
know, only its own node is known to be right: see unmodelled.py. The model does not see the
resources that an in-place resize in progress still uses.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from kube import objects
from kube.memo import computed_once
from scaler.feasibility import host_ports, no_room, pod_requests, preemption, unmodelled
from scaler.feasibility.inter_pod import Labels, Neighbours, Rules
from scaler.feasibility.node_filter import Selection
from scaler.feasibility.room import Room
from scaler.feasibility.unmodelled import Claims
from store.model import Sizes

_Key = tuple[str, str, str]


class Known(Struct, frozen=True):
    """What is known beside nodes and pods: labels by namespace, persistent volume claims."""

    namespaces: Mapping[str, Labels] = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)


NOTHING_ELSE = Known()
_Objection = Callable[[str], str | None]


class NodeCapacity:
    """The nodes and their free capacity; built once per snapshot and valid only for it."""

    def __init__(
        self,
        nodes: Sequence[objects.Node],
        pods: Sequence[objects.Pod],
        known: Known = NOTHING_ELSE,
    ) -> None:
        self._nodes = {node.metadata.name: node for node in nodes}
        self._known = known
        self._free = {name: pod_requests.allocatable(node) for name, node in self._nodes.items()}
        self._held: dict[_Key, tuple[str, Room]] = {}
        self._there: list[objects.Pod] = []
        self._waiting: dict[_Key, Room] = {}
        self._open: dict[_Key, list[str]] = {}  # answers are asked for again with other sizes
        self._ruled: dict[tuple[_Key, bool], Rules] = {}
        for pod in pods:
            self._count(pod)

    def obstacle(self, replaced: Sequence[objects.Pod], sizes: Sizes) -> str | None:
        """Why replacements with `sizes` would not all be scheduled; None: they would.

        `replaced` are evicted one after the other. `sizes`: by container name; containers that it
        does not name keep what the pod has.
        """
        free = dict(self._free)
        for pod in replaced:
            home, held = self._held.get(_key(pod), ("", Room()))
            if home:
                free[home] += held
            if why := self._unknown(pod):
                return f"where {pod.metadata.name} would go is not modelled: it has {why}"
            need, objection = self._need(pod, sizes), self._objection(pod, home)
            fitting = [
                n for n in self._allowed(pod) if not objection(n) and not free[n].lacks(need)
            ]
            if not fitting:
                return self._sentence(pod, need, free, objection)
            free[self._chosen(pod, home, fitting, free)] -= need
        return None

    def beside(self, pod: objects.Pod, sizes: Sizes) -> str | None:
        """Why the pod's replacement could not be scheduled while the pod still exists.

        None: it could, or it is not known and can be tried: then the scheduler decides.
        """
        need, objection = pod_requests.needed(pod, sizes), self._objection(pod, None)
        names = [n for n in self._beside(pod) if not objection(n)]
        if any(not self._free[name].lacks(need) for name in names):
            return preemption.danger(pod, self._there, self._allowed(pod))
        if (ports := host_ports.words(pod)) and not names:
            return f"{ports}, and no second node takes it"
        return f"{self._sentence(pod, need, self._free, objection)} beside the old one"

    def in_place(self, resized: Sequence[objects.Pod], sizes: Sizes) -> str | None:
        """Why the nodes of these pods have no room to resize all of them; None: they have."""
        free = dict(self._free)
        for pod in resized:
            if _key(pod) not in self._held:
                continue
            home, held = self._held[_key(pod)]
            more = pod_requests.needed(pod, sizes) - held
            if lacking := free[home].lacks(more):
                return f"{home} has no {lacking} left for {pod.metadata.name} in place"
            free[home] -= more
        return None

    def unmodelled(self, pod: objects.Pod) -> str | None:
        """The property of the pod that the model does not know; None: there is none."""
        return unmodelled.elsewhere(pod)

    def _unknown(self, pod: objects.Pod) -> str | None:
        """Why no node is known to be right for it, not even its own."""
        elsewhere = unmodelled.elsewhere(pod)
        if elsewhere is None:
            return None
        there = pod.spec.node_name in self._nodes
        return unmodelled.at_home(pod, self._known.claims) if there else elsewhere

    def _chosen(
        self, pod: objects.Pod, home: str, fitting: Sequence[str], free: Mapping[str, Room]
    ) -> str:
        """At home nothing changes for what pods require of others; else as the scheduler tends."""
        if home in fitting and self._rules(pod, gone=True).rules:
            return home
        return max(fitting, key=lambda name: free[name].cpu)

    def _need(self, pod: objects.Pod, sizes: Sizes) -> Room:
        """What a replacement asks for, after the pods that wait for the same devices."""
        need = pod_requests.needed(pod, sizes)
        waiting = [room for key, room in self._waiting.items() if key != _key(pod)]
        return need.behind(waiting)

    def _count(self, pod: objects.Pod) -> None:
        node = pod.spec.node_name
        if pod.status.phase in pod_requests.FINISHED:
            return
        held = pod_requests.held(pod)
        if not node and held.extended and not pod.metadata.deletion_timestamp:
            self._waiting[_key(pod)] = held
        if node not in self._free:
            return
        self._free[node] -= held
        self._held[_key(pod)] = (node, held)
        self._there.append(pod)

    @computed_once
    def _neighbours(self) -> Neighbours:
        return Neighbours(self._nodes, self._there, self._known.namespaces)

    def _rules(self, pod: objects.Pod, *, gone: bool) -> Rules:
        key = _key(pod), gone
        if key not in self._ruled:
            self._ruled[key] = self._neighbours.rules(pod, gone=gone)
        return self._ruled[key]

    @computed_once
    def _ports(self) -> host_ports.InUse:
        return host_ports.in_use(self._there)

    def _objection(self, pod: objects.Pod, home: str | None) -> _Objection:
        """Why a node is out of the question by what other pods require or use, or is not known.

        `home`: the node that the pod leaves; None: it stays.
        """
        gone = home is not None
        rules = self._rules(pod, gone=gone)
        ports = host_ports.objection(pod, self._ports, gone=gone)
        elsewhere = unmodelled.elsewhere(pod) if gone else None
        unknown = f"not known to be right for {elsewhere}" if elsewhere else None
        return lambda name: (
            (unknown if name != home else None) or rules.objection(self._nodes[name]) or ports(name)
        )

    def _beside(self, pod: objects.Pod) -> list[str]:
        """The nodes for a second pod: one on the host's network needs another node."""
        if not pod.spec.host_network:
            return self._allowed(pod)
        free = replace(pod, spec=replace(pod.spec, host_network=None))
        return [n for n in self._selected(free) if n != pod.spec.node_name]

    def _allowed(self, pod: objects.Pod) -> list[str]:
        """The nodes that the scheduler would consider, free capacity and other pods aside."""
        key = _key(pod)
        if key not in self._open:
            self._open[key] = self._selected(pod)
        return self._open[key]

    def _selected(self, pod: objects.Pod) -> list[str]:
        selection = Selection(pod)
        return [n for n, node in self._nodes.items() if not selection.objection(node)]

    def _sentence(
        self, pod: objects.Pod, need: Room, free: Mapping[str, Room], objection: _Objection
    ) -> str:
        selection = Selection(pod)
        why = {name: selection.objection(n) or objection(name) for name, n in self._nodes.items()}
        return no_room.sentence(pod.metadata.name, need, free, why)


def obstacle(
    replaced: Sequence[objects.Pod],
    sizes: Sizes,
    nodes: Sequence[objects.Node],
    pods: Sequence[objects.Pod],
) -> str | None:
    """`NodeCapacity.obstacle` for a single question."""
    return NodeCapacity(nodes, pods).obstacle(replaced, sizes)


def _key(pod: objects.Pod) -> _Key:
    return (pod.metadata.namespace, pod.metadata.name, pod.metadata.uid)
