"""The kinds of node as of a cycle: nothing is made of them where no workload asks for it."""

from msgspec.structs import replace

from kube import objects
from scaler.cluster.node_kinds import NodeKinds
from scaler.cluster.snapshot import Key
from store.node_class import SETTLED
from tests.unit.scaler.builders import NOW, view
from tests.unit.scaler.kinds_of_node import AGO, KNOWN, NODES, workload
from tests.unit.store.nodes import node

PLAIN, ASKS = view(), replace(workload(), nodes=None)


def named(*nodes: objects.Node) -> dict[Key, objects.Node]:
    return {("", n.metadata.name): n for n in nodes}


def test_where_nobody_asks_nothing_is_made() -> None:
    kinds = NodeKinds()
    assert kinds.of(named(*NODES), [PLAIN], NOW) is kinds
    views = {PLAIN.workload: PLAIN}
    assert kinds.given(views) is views


def test_who_asks_gets_them_and_keeps_the_view_while_they_say_the_same() -> None:
    first = NodeKinds().of(named(*NODES), [ASKS], NOW)
    views = first.given({ASKS.workload: ASKS})
    assert views[ASKS.workload].nodes == KNOWN
    again = first.of(named(*NODES), views.values(), NOW + 5)  # other objects that say the same
    assert again.given(views) is views


def test_a_label_that_has_stood_is_seen_though_no_node_is_another() -> None:
    nodes = named(node("new", "pi", written=AGO + 1))
    first = NodeKinds().of(nodes, [ASKS], NOW)
    assert first.known is not None
    assert first.known.by_node == {}
    assert first.of(nodes, [ASKS], NOW + 5) is first
    later = first.of(nodes, [ASKS], NOW + SETTLED)
    assert later.known is not None
    assert later.known.by_node == {"new": "pi"}


def test_who_asks_no_longer_has_none() -> None:
    first = NodeKinds().of(named(*NODES), [ASKS], NOW)
    given = first.given({ASKS.workload: ASKS})
    left = replace(given[ASKS.workload], settings=PLAIN.settings)
    none = first.of(named(*NODES), [left], NOW)
    assert none.known is None
    assert none.given({left.workload: left})[left.workload].nodes is None
