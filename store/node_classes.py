"""The kinds of node of a cluster: what both programs know of them. Pure.

There are at most `MOST`. Those whose oldest node is older come first, so that a new kind takes no
other's place; pods on nodes of any other kind have the default. The speed of a class is that of its
slowest node.

| what is known of a pod's node when the pod is made            | its class                     |
| ------------------------------------------------------------- | ----------------------------- |
| its selector or required affinity names nodes, as DaemonSets  | that of those nodes, where    |
| do, or leaves some                                            | they are of one class         |
| it asks for nothing, or what it selects is of several classes | not known: the default        |
| a node that it selects has no class, or an undecided one      | not known: the default        |
| it selects no node that there is                              | not known: the default        |
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from kube import objects
from kube.node_selection import NodeSelection
from store import node_class
from store.annotations import NODE_CLASS
from store.node_class import NodeClass

MOST = 16
"""Kinds of node in a cluster that count: each is a list of sizes in each PodSize, and windows."""
_NAMED = 3  # of what is left out, in a message


class NodeClasses(Struct, frozen=True):
    """The nodes of one moment. Two are equal where they say the same."""

    by_node: Mapping[str, str] = field(default_factory=dict)
    """The class of each node that has one, and of which it is known."""
    speeds: Mapping[str, float] = field(default_factory=dict)
    """By class."""
    undecided: Mapping[str, float] = field(default_factory=dict)
    """Nodes whose label is too young to count, and when it will, in seconds since the epoch."""
    written: Mapping[str, float] = field(default_factory=dict)
    """When the label was written that a node has, in seconds since the epoch; of one that lost its
    label, when that was seen, where somebody remembers it (scaler/cluster/node_kinds.py)."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By node, for what selects nodes."""
    problems: tuple[str, ...] = ()
    """What of the nodes does not count, and why."""

    def selected(self, selection: NodeSelection) -> str | None:
        """The class of all nodes that are selected; None: not known (see the second table)."""
        if selection.everything:
            return None
        found = {self.by_node.get(name) for name in self._named(selection)}
        return found.pop() if len(found) == 1 else None

    def unknown(self, selection: NodeSelection) -> bool:
        """Whether it selects no node that there is, or one whose class is undecided."""
        if selection.everything:
            return False
        found = set(self._named(selection))
        return not found or any(name in self.undecided for name in found)

    def _named(self, selection: NodeSelection) -> list[str]:
        names = selection.names
        known = self.labels if names is None else names & self.labels.keys()
        return [name for name in known if selection.matches(name, self.labels[name])]

    @property
    def next(self) -> float | None:
        """When the next undecided label counts; None: all do."""
        return min(self.undecided.values(), default=None)


NONE = NodeClasses()


def of(nodes: Iterable[objects.Node], now: float) -> NodeClasses:
    """The classes of these nodes; `now` in seconds since the epoch."""
    every = list(nodes)
    about = {n.metadata.name: node_class.of(n) for n in every}
    undecided = {
        name: one.written + node_class.SETTLED
        for name, one in about.items()
        if one.written is not None and one.undecided(now)
    }
    counted, others = _counted(every, about)
    by_node = {
        name: one.name
        for name, one in about.items()
        if one.name in counted and name not in undecided
    }
    speeds: dict[str, float] = {}
    for name, kind in by_node.items():
        speeds[kind] = min(about[name].speed, speeds.get(kind, about[name].speed))
    return NodeClasses(
        by_node,
        speeds,
        undecided,
        {name: one.written for name, one in about.items() if one.written is not None},
        {n.metadata.name: n.metadata.labels or {} for n in every},
        tuple(_problems(about, undecided, others)),
    )


def _counted(
    nodes: Iterable[objects.Node], about: Mapping[str, NodeClass]
) -> tuple[frozenset[str], list[str]]:
    """The classes that count, and the others."""
    oldest: dict[str, tuple[str, str]] = {}
    for node in nodes:
        kind = about[node.metadata.name].name
        if kind is not None:
            age = node.metadata.creation_timestamp or "", kind
            oldest[kind] = min(age, oldest.get(kind, age))
    ordered = sorted(oldest, key=lambda kind: oldest[kind])
    return frozenset(ordered[:MOST]), ordered[MOST:]


def _problems(
    about: Mapping[str, NodeClass], undecided: Iterable[str], others: list[str]
) -> Iterable[str]:
    yield from sorted(one.mistake for one in about.values() if one.mistake)
    for name in sorted(undecided):
        yield (
            f"node {name}: its {NODE_CLASS} was written less than "
            f"{node_class.SETTLED:.0f} s ago: until it stands, pods there are left as they are"
        )
    if others:
        named = ", ".join(others[:_NAMED]) + (", …" if len(others) > _NAMED else "")
        yield (
            f"{MOST + len(others)} kinds of node, {MOST} at most count: pods on nodes of the "
            f"others have the default size: {named}"
        )
