"""Which kind of node a node is, and for which a pod's size is: not by the product's own readers.

| the node                                            | its kind                                |
| --------------------------------------------------- | --------------------------------------- |
| has the label `podtailor.io/node-class`             | the label's value                       |
| has none                                            | its architecture, if it says one        |
| has a label that is younger than half a minute, and | undecided                               |
| was not made with it                                |                                         |
| is of a kind of which 16 others have an older node  | none                                    |

| the pod of a workload with `per-node: on`           | may have the size of                    |
| --------------------------------------------------- | --------------------------------------- |
| is on an undecided node, or on one that is gone, or | any: it is left as it is                |
| has none yet and selects such nodes                 |                                         |
| selects nodes of one kind                           | that kind                               |
| any other, with `strategy: resize`                  | its node's kind                         |
| any other                                           | its node's kind, or the default         |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kube import timestamps
from store.annotations import NODE_CLASS
from store.model import StoredSize
from tests.simulation import facts, scheduling
from tests.simulation.etcd import Event, Json, Key

STANDS = 30.0
"""Seconds after which a label counts."""
MOST = 16
_BORN = 5.0
Nodes = Mapping[Key, Json]


@dataclass(frozen=True)
class Kind:
    """Of a node. `name` None: pods there have the default."""

    name: str | None = None
    undecided: bool = False


@dataclass
class History:
    """What each node said of its kind, and since when by the true clock."""

    said: dict[str, list[tuple[float, str | None]]] = field(default_factory=dict)

    def note(self, event: Event, now: float) -> None:
        """A node was written; one that is gone says nothing."""
        if event.kind == "nodes":
            its = self.said.setdefault(event.key[1], [])
            says = None if event.after is None else said_by(event.after)
            if not its or its[-1][1] != says:
                its.append((now, says))

    def was(self, node: str, kind: str, begin: float, end: float) -> bool:
        """Whether a node was of that kind, and of no other, all the time between the two."""
        its = self.said.get(node, [])
        before = [says for at, says in its if at <= begin]
        return before[-1:] == [kind] and not any(begin < at < end for at, _ in its)


def said_by(node: Json) -> str | None:
    """The kind that a node says it is, whether it counts yet or not."""
    label = (node["metadata"].get("labels") or {}).get(NODE_CLASS)
    info = node["status"].get("nodeInfo") or {}
    return label or info.get("architecture") or None


def of_nodes(nodes: Nodes, now: float) -> dict[str, Kind]:
    """By name, as of `now`."""
    oldest: dict[str, tuple[str, str]] = {}
    for node in nodes.values():
        if kind := said_by(node):
            age = node["metadata"]["creationTimestamp"], kind
            oldest[kind] = min(age, oldest.get(kind, age))
    counted = sorted(oldest, key=lambda k: oldest[k])[:MOST]
    return {name: _kind(node, counted, now) for (_, name), node in nodes.items()}


def written(node: Json) -> float | None:
    """When somebody wrote its label; None: it was made with it, or has none."""
    meta = node["metadata"]
    if not (meta.get("labels") or {}).get(NODE_CLASS):
        return None
    times = [timestamps.seconds(m["time"]) for m in meta.get("managedFields") or ()]
    made, last = timestamps.seconds(meta["creationTimestamp"]), max(filter(None, times), default=0)
    return None if made is None or abs(last - made) <= _BORN else last


def allowed(pod: Json, owner: Json, nodes: Nodes, now: float) -> tuple[str | None, ...] | None:
    """The kinds whose size it may have, by the second table; None: any."""
    if facts.annotation(owner, "per-node") != "on":
        return (None,)
    known, on = of_nodes(nodes, now), pod["spec"].get("nodeName")
    if on and (on not in known or known[on].undecided):
        return None
    if not on and _unknown(pod, nodes, known):
        return None
    if chosen := selected(pod, nodes, known):
        return (chosen,)
    there = known[on].name if on else None
    if there is None:
        return (None,)
    return (there,) if facts.annotation(owner, "strategy") == "resize" else (None, there)


def selected(pod: Json, nodes: Nodes, known: Mapping[str, Kind]) -> str | None:
    """The kind of all nodes that it selects; None: several, or it selects none."""
    spec = pod["spec"]
    if not spec.get("nodeSelector") and scheduling.required_affinity(spec) is None:
        return None
    found = {known[name] for (_, name), n in nodes.items() if scheduling.selects(spec, n)}
    return found.pop().name if len(found) == 1 else None


def _unknown(pod: Json, nodes: Nodes, known: Mapping[str, Kind]) -> bool:
    """Whether it selects no node that there is, or an undecided one."""
    spec = pod["spec"]
    if not spec.get("nodeSelector") and scheduling.required_affinity(spec) is None:
        return False
    found = {known[name] for (_, name), n in nodes.items() if scheduling.selects(spec, n)}
    return not found or any(kind.undecided for kind in found)


def as_made(pod: Json, owner: Json, size: StoredSize | None, nodes: Nodes, now: float) -> "Sized":
    """What the webhook has for a new pod like this one."""
    if size is None or not size.classes:
        return size
    on = facts.annotation(owner, "per-node") == "on"
    return size.of_class(selected(pod, nodes, of_nodes(nodes, now)) if on else None)


def of_pod(pod: Json, owner: Json, size: StoredSize | None, nodes: Nodes, now: float) -> "Sized":
    """What a pod should have where it is; of several, the first."""
    if size is None or not size.classes:
        return size
    kinds = allowed(pod, owner, nodes, now)
    return size.of_class(kinds[0] if kinds else None)


Sized = StoredSize | None


def _kind(node: Json, counted: list[str], now: float) -> Kind:
    at, kind = written(node), said_by(node)
    if at is not None and abs(now - at) < STANDS:
        return Kind(undecided=True)
    return Kind(kind if kind in counted else None)
