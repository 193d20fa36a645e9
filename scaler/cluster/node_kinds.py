"""The kinds of node as of a cycle, and the workloads whose sizes are by them. Pure.

Nothing is made of the nodes, and no view is another one, where no workload asks for it.

A label that was removed leaves nothing in its node that says when: that is remembered. A restart
forgets it, and has no usage from before.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import Settings
from scaler.cluster.snapshot import Key
from scaler.cluster.view import View
from scaler.cluster.views import Views
from store import node_classes
from store.node_classes import NodeClasses

Nodes = Mapping[Key, objects.Node]
_NO_NODES: Nodes = MappingProxyType({})
_NOTHING_LEFT: Mapping[str, float] = MappingProxyType({})


class NodeKinds(Struct, frozen=True):
    """What the last cycle made of the nodes; `known` None: nobody asked."""

    nodes: Nodes = _NO_NODES
    known: NodeClasses | None = None
    left: Mapping[str, float] = _NOTHING_LEFT
    """Nodes that became another kind without a label that says since when, and when that was seen,
    in seconds since the epoch."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the nodes does not count, and why."""
        return self.known.problems if self.known else ()

    def of(self, nodes: Nodes, views: Iterable[View], now: float) -> "NodeKinds":
        """The kinds as of these nodes; the same where they say nothing new."""
        if not any(map(_asks, views)):
            return self if self.known is None else NodeKinds()
        old = self.known
        waits = old is not None and old.next is not None and old.next <= now
        if nodes is self.nodes and old is not None and not waits:
            return self
        known = node_classes.of(nodes.values(), now)
        left = {**self.left, **dict.fromkeys(_moved(old, known), now)}
        left = {n: at for n, at in left.items() if n in known.by_node and n not in known.written}
        if left:
            known = replace(known, written={**known.written, **left})
        return NodeKinds(nodes, old if known == old else known, left)

    def given(self, views: Views) -> Views:
        """The views, with the kinds of node where sizes are by them; the same where none is another
        one, so that what was worked out of it is kept."""
        changed = {
            w: replace(v, nodes=wanted)
            for w, v in views.items()
            if v.nodes is not (wanted := self.known if _asks(v) else None)
        }
        return {**views, **changed} if changed else views


def _moved(old: NodeClasses | None, known: NodeClasses) -> Iterable[str]:
    """The nodes that were there already, as another kind or as none."""
    if old is None:
        return ()
    here = (n for n, kind in known.by_node.items() if old.by_node.get(n) != kind)
    return (name for name in here if name in old.labels)


def _asks(view: View) -> bool:
    return isinstance(view.settings, Settings) and view.settings.per_node
