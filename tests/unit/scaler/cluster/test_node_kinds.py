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


def test_a_label_that_is_removed_is_remembered_as_no_node_says_when() -> None:
    """Found by the simulation: usage with the old kind's size counted as a need of the new one."""
    first = NodeKinds().of(named(node("a", "pi"), node("b", "pi")), [ASKS], NOW)
    bare, new = node("a"), node("c")
    later = first.of(named(bare, node("b", "pi"), new), [ASKS], NOW + 60)
    assert later.known is not None
    assert later.known.by_node == {"a": "amd64", "b": "pi", "c": "amd64"}
    assert later.left == {"a": NOW + 60}  # "b" says when, and "c" was never another
    assert later.known.written["a"] == NOW + 60
    again = later.of(named(bare, new), [ASKS], NOW + 90)
    assert again.left == {"a": NOW + 60}
    labelled = again.of(named(node("a", "pi", written=AGO + 3600), new), [ASKS], NOW + 120)
    assert labelled.left == {}


def test_nor_does_one_that_was_too_young_to_count() -> None:
    young = node("a", "pi", written=AGO + 1)
    first = NodeKinds().of(named(young), [ASKS], NOW)
    assert first.of(named(node("a")), [ASKS], NOW + 5).left == {"a": NOW + 5}


def test_who_asks_no_longer_has_none() -> None:
    first = NodeKinds().of(named(*NODES), [ASKS], NOW)
    given = first.given({ASKS.workload: ASKS})
    left = replace(given[ASKS.workload], settings=PLAIN.settings)
    none = first.of(named(*NODES), [left], NOW)
    assert none.known is None
    assert none.given({left.workload: left})[left.workload].nodes is None
