"""The kinds of node of a cluster: which count, how fast they are, and what a new pod's is."""

from typing import Any

import msgspec
import pytest

from kube.node_selection import NodeAffinity, NodeSelection
from store import node_class, node_classes
from store.annotations import NODE_CLASS
from store.node_classes import MOST
from tests.unit.store.nodes import NOW, node

NODES = [
    node("fast-1", "server"),
    node("fast-2", "server", labels={"disk": "ssd"}),
    node("pi-1", "pi", speed="0.25"),
    node("pi-2", "pi", speed="0.2"),
    node("plain", architecture="arm64"),
]
KNOWN = node_classes.of(NODES, NOW)


def expressions(*rows: tuple[str, str, list[str]], fields: bool = False) -> dict[str, Any]:
    part = "matchFields" if fields else "matchExpressions"
    return {part: [{"key": k, "operator": o, "values": v} for k, o, v in rows]}


def selection(selector: dict[str, str] | None, *terms: dict[str, Any]) -> NodeSelection:
    required = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}
    }
    return NodeSelection(selector, msgspec.convert(required, NodeAffinity) if terms else None)


def named(*names: str) -> dict[str, Any]:
    return expressions(("metadata.name", "In", list(names)), fields=True)


def test_each_node_has_its_class() -> None:
    assert KNOWN.by_node == {
        "fast-1": "server", "fast-2": "server", "pi-1": "pi", "pi-2": "pi", "plain": "arm64",
    }  # fmt: skip


def test_a_class_is_as_fast_as_its_slowest_node() -> None:
    assert KNOWN.speeds == {"server": 1, "pi": 0.2, "arm64": 1}


@pytest.mark.parametrize(
    ("asks", "found"),
    [
        (selection(None), None),
        (selection({}), None),
        (selection(None, named("pi-1")), "pi"),
        (selection(None, named("pi-1", "pi-2")), "pi"),
        (selection(None, named("pi-1", "fast-1")), None),
        (selection(None, named("gone")), None),
        (selection({NODE_CLASS: "pi"}), "pi"),
        (selection({NODE_CLASS: "pi"}, named("fast-1")), None),
        (selection({"disk": "ssd"}), "server"),
        (selection({"disk": "hdd"}), None),
        (selection(None, expressions((NODE_CLASS, "In", ["pi"]))), "pi"),
        (selection(None, expressions((NODE_CLASS, "Exists", []))), None),
        (selection(None, expressions((NODE_CLASS, "DoesNotExist", []))), "arm64"),
        (selection(None, named("pi-1"), expressions((NODE_CLASS, "In", ["pi"]))), "pi"),
        (selection(None, named("pi-1"), expressions(("disk", "In", ["ssd"]))), None),
        (selection(None, {}), None),
    ],
)
def test_the_class_of_what_a_pod_selects(asks: NodeSelection, found: str | None) -> None:
    assert KNOWN.selected(asks) == found


def test_an_undecided_node_has_no_class_and_neither_has_what_selects_it() -> None:
    known = node_classes.of([*NODES, node("new", "pi", written=1)], NOW)
    assert "new" not in known.by_node
    assert known.selected(selection({NODE_CLASS: "pi"})) is None
    assert known.next == NOW - 1 + node_class.SETTLED
    assert known.problems == (
        "node new: its podtailor.io/node-class was written less than 30 s ago: until it stands, "
        "pods there are left as they are",
    )


def test_once_it_stands_it_counts() -> None:
    known = node_classes.of([node("new", "pi", written=1)], NOW + node_class.SETTLED)
    assert (known.by_node, known.next, known.problems) == ({"new": "pi"}, None, ())


def test_five_hundred_classes_are_bounded_and_said() -> None:
    many = [node(f"n{i}", f"kind-{i:03}", age=1000 - i) for i in range(500)]
    known = node_classes.of(many, NOW)
    assert sorted(set(known.by_node.values())) == [f"kind-{i:03}" for i in range(MOST)]
    assert known.problems == (
        "500 kinds of node, 16 at most count: pods on nodes of the others have the default size: "
        "kind-016, kind-017, kind-018, …",
    )


def test_a_new_kind_takes_no_other_s_place() -> None:
    old = [node(f"n{i}", f"kind-{i}") for i in range(MOST)]
    known = node_classes.of([node("new", "aaa", age=10), *old], NOW)
    assert "new" not in known.by_node
    assert len(known.by_node) == MOST


def test_a_mistaken_speed_is_said() -> None:
    known = node_classes.of([node("a", "pi", speed="fast")], NOW)
    assert known.speeds == {"pi": 1}
    assert [p[:31] for p in known.problems] == ['node a: podtailor.io/speed: "fa']


def test_the_same_nodes_say_the_same() -> None:
    assert node_classes.of(NODES, NOW) == node_classes.of(NODES, NOW + 5)
