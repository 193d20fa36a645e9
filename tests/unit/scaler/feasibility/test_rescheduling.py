"""Would a pod whose node is gone find another one: every row of rescheduling.py's table."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster.snapshot import Snapshot
from scaler.feasibility.rescheduling import Nodes
from tests.unit.scaler.shapes import cpus, node, pod
from tests.unit.scaler.snapshots import snapshot

OURS = pod("web-1", "one", "1")
NEIGHBOUR = pod("other", "one", "3")
GOING = {"metadata": {"deletionTimestamp": "2026-11-23T20:30:00Z"}}


def nodes(*found: objects.Node, pods: tuple[objects.Pod, ...] = (OURS, NEIGHBOUR)) -> Nodes:
    keyed = {("", n.metadata.name): n for n in found}
    there = {(p.metadata.namespace, p.metadata.name): p for p in pods}
    return Nodes(Snapshot({}, there, {}, keyed, {}, {}))


TAINT: dict[str, Any] = {"taints": [{"key": "maintenance", "effect": "NoSchedule"}]}
HARD = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "d"}}]}


@pytest.mark.parametrize(
    ("name", "found", "millicores", "lost"),
    [
        ("its own room is free by then", (node("one"),), 1000, False),
        ("it asks for more than that", (node("one"),), 1200, True),
        ("and the node has it", (node("one", "8"),), 1200, False),
        ("its node is cordoned", (node("one", unschedulable=True),), 1000, True),
        ("and there is another", (node("one", unschedulable=True), node("two")), 1000, False),
        ("its node has a taint", (node("one", **TAINT),), 1000, True),
        ("its node is silent", (node("one", ready="Unknown"),), 1200, False),
        ("its node is gone", (node("two", "1"),), 1200, True),
        ("and there is another one", (node("two"),), 1200, False),
    ],
)
def test_a_pod_would_find_no_node_again(
    name: str, found: tuple[objects.Node, ...], millicores: int, lost: bool
) -> None:
    message = nodes(*found).places().unschedulable(OURS, cpus(millicores))
    assert (message is not None) is lost, name


def test_a_terminating_pod_holds_no_room_for_long() -> None:
    going = pod("other", "one", "3", **GOING)
    assert nodes(node("one"), pods=(OURS, going)).places().unschedulable(OURS, cpus(1200)) is None
    assert nodes(node("one"), pods=(OURS, going)).obstacle([OURS], cpus(1200)) is not None


@pytest.mark.parametrize("spec", [HARD], ids=["a volume claim"])
def test_a_pod_that_is_not_modelled_is_not_unschedulable(spec: dict[str, Any]) -> None:
    hard = pod("web-1", "one", "1", **spec)
    places = nodes(pods=(hard,)).places()
    assert places.unschedulable(hard, cpus(9000)) is None
    assert places.unmodelled(hard) is not None and places.unmodelled(OURS) is None


def test_a_node_is_silent_that_is_not_ready_or_gone() -> None:
    places = nodes(node("one"), node("two", ready="False")).places()
    assert [places.silent(pod("p", on)) for on in ("one", "two", "three")] == [False, True, True]


def test_nodes_are_surveyed_again_only_where_a_pod_or_a_node_is_another() -> None:
    first = snapshot(pod("a", "node"))
    nodes = Nodes(first)
    assert Nodes.of(replace(first, limit_ranges={}), nodes) is nodes
    assert Nodes.of(replace(first, pods=dict(first.pods)), nodes) is not nodes
    assert Nodes.of(replace(first, nodes={}), nodes) is not nodes
