"""Ports of the host, each once per node."""

from typing import Any

import pytest

from kube import objects
from scaler.feasibility.fit import NodeCapacity
from tests.unit.scaler.shapes import cpus, node, pod


def serving(name: str, on: str, port: int = 80, protocol: str = "TCP", **spec: Any) -> objects.Pod:
    used = {"name": "main", "ports": [{"hostPort": port, "protocol": protocol}]}
    return pod(name, on, containers=[used], **spec)


OTHERS: list[tuple[str, list[objects.Pod], str | None]] = [
    ("nobody", [], None),
    ("another port", [serving("x", "b", 81)], None),
    ("another protocol", [serving("x", "b", protocol="UDP")], None),
    ("the same port", [serving("x", "b")], "port 80 of the host, and no second node takes it"),
]


@pytest.mark.parametrize(("name", "others", "why"), OTHERS, ids=[o[0] for o in OTHERS])
def test_a_second_pod_needs_a_node_whose_port_is_free(
    name: str, others: list[objects.Pod], why: str | None
) -> None:
    old = serving("web-1", "a")
    capacity = NodeCapacity([node("a"), node("b")], [old, *others])
    got = capacity.beside(old, {})
    assert (got is None) is (why is None), got
    assert why is None or why in (got or "")
    assert capacity.obstacle([old], cpus(2000)) is None, "its own node's port is free by then"


def test_every_node_that_is_out_of_the_question_says_why() -> None:
    old = serving("web-1", "a")
    nodes = [node("a"), node("b", "1"), node("c", "500m")]
    got = NodeCapacity(nodes, [old, serving("x", "b")]).beside(old, cpus(1000))
    assert got == (
        "no node has room for web-1 with 1 CPU and 0 memory (2 whose port 80 is in use, "
        "1 with too little cpu, at most 500m CPU free) beside the old one"
    )


def test_a_port_that_somebody_else_took_meanwhile_is_not_freed() -> None:
    old, other = serving("web-1", "a"), serving("x", "a")
    got = NodeCapacity([node("a")], [old, other]).obstacle([old], {})
    assert "1 whose port 80 is in use" in (got or "")


def test_a_second_pod_on_the_hosts_network_needs_a_second_node() -> None:
    old = pod("web-1", "a", hostNetwork=True)
    got = NodeCapacity([node("a")], [old]).beside(old, {})
    assert got == "it is on the host's network, and no second node takes it"


def test_the_words_never_end_in_none() -> None:
    old = serving("web-1", "a", hostNetwork=True)
    nodes = [node("a"), node("b", "1m")]
    got = NodeCapacity(nodes, [old]).beside(old, cpus(1000)) or ""
    assert "beside the old one" in got and "None" not in got
