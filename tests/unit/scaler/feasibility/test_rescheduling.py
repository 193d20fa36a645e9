"""Would a pod whose node is gone find another one: every row of rescheduling.py's table."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects, timestamps
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
        ("a taint that it tolerates", (node("one", **TAINT),), 1000, False),
        ("a taint that it tolerates, and it asks for more", (node("one", **TAINT),), 1200, True),
        ("its node is silent", (node("one", ready="Unknown"),), 1200, False),
        ("its node is gone", (node("two", "1"),), 1200, True),
        ("and there is another one", (node("two"),), 1200, False),
    ],
)
def test_a_pod_would_find_no_node_again(
    name: str, found: tuple[objects.Node, ...], millicores: int, lost: bool
) -> None:
    tolerates = {"tolerations": [{"operator": "Exists"}]} if "tolerates" in name else {}
    ours = pod("web-1", "one", "1", **tolerates)
    message = nodes(*found).places().unschedulable(ours, cpus(millicores))
    assert (message is not None) is lost, name


def test_a_place_is_asked_about_with_the_sizes_that_are_to_come() -> None:
    found = nodes(node("one", "5")).places()
    assert found.beside(OURS, cpus(1000)) is None
    assert "too little cpu" in (found.beside(OURS, cpus(1001)) or "")
    assert found.in_place([OURS], cpus(2000)) is None
    assert found.in_place([OURS], cpus(2001)) == "one has no cpu left for web-1 in place"


def test_a_plain_node_is_ready_not_cordoned_and_has_no_taints() -> None:
    there = node("one"), node("two", ready="False"), node("three", unschedulable=True)
    assert nodes(*there, node("four", **TAINT)).places().plain == {"one"}


@pytest.mark.parametrize(("tier", "hit"), [("front", True), ("back", False), (None, False)])
def test_namespaces_are_known_by_their_labels(tier: str | None, hit: bool) -> None:
    term = {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"app": "web"}},
        "namespaceSelector": {"matchLabels": {"tier": "front"}},
    }
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    apart = pod("web-1", "one", affinity={"podAntiAffinity": required})
    other = pod("web-1", "one", metadata={"namespace": "other"})
    labels = {"labels": {"tier": tier}} if tier else {}
    space = msgspec.convert({"metadata": {"name": "other", **labels}}, objects.Namespace)
    found = nodes(node("one"), pods=(apart, other))
    shot = replace(found._snapshot, namespaces={("", "other"): space})
    assert (Nodes(shot).obstacle([apart], {}) is not None) is hit


def test_a_bound_claim_is_known_to_be_where_its_pod_is() -> None:
    old = pod("web-1", "one", "1", **HARD)
    there = nodes(node("one"), pods=(old,))._snapshot
    assert Nodes(there).obstacle([old], {}) is not None, "the claim is not there"
    bound = objects.Claim(objects.Meta(name="d"), status=objects.ClaimStatus("Bound"))
    assert Nodes(replace(there, claims={("shop", "d"): bound})).obstacle([old], {}) is None


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
    assert Nodes.of(replace(first, claims=dict(first.claims)), nodes) is not nodes
    assert Nodes.of(replace(first, namespaces={}), nodes) is not nodes
    now_there = replace(first, nodes={("", "node"): node("node")})
    assert not Nodes.of(now_there, nodes).places().silent(pod("a", "node"))


@pytest.mark.parametrize(
    ("modes", "why"),
    [
        (["ReadWriteOnce"], "ReadWriteOnce"),
        (["ReadWriteOncePod"], "ReadWriteOncePod"),
        (["ReadWriteMany"], None),
        (["ReadOnlyMany"], None),
        (["ReadWriteOnce", "ReadOnlyMany"], None),
        ([], "unknown"),
        (None, "unknown"),
    ],
)
def test_a_volume_that_only_one_pod_may_mount(modes: list[str] | None, why: str | None) -> None:
    """Whatever comes before it; None: the claim is not there."""
    volumes = [
        {"name": "tmp", "emptyDir": {}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
    ]
    claim = objects.Claim(objects.Meta(name="data"), objects.ClaimSpec(modes or []))
    elsewhere = objects.Claim(objects.Meta(name="data"), objects.ClaimSpec(["ReadWriteMany"]))
    claims = {
        ("other", "data"): elsewhere,
        **({("shop", "data"): claim} if modes is not None else {}),
    }
    places = Nodes(Snapshot({}, {}, {}, {}, {}, {}, claims=claims)).places()
    got = places.exclusive(pod("web-1", "one", volumes=volumes))
    assert got == (f"volume data is {why}" if why else None)


def test_a_node_was_short_of_memory_at_a_time() -> None:
    since = {"lastTransitionTime": timestamps.text(1000), "status": "True"}
    short = msgspec.convert({"type": "MemoryPressure", **since}, objects.Condition)
    one = node("one")
    one = replace(one, status=replace(one.status, conditions=[short]))
    places = nodes(one, node("two")).places()
    times = [("one", 1000.0), ("one", 900.0), ("two", 1000.0), ("three", 1000.0)]
    found = [places.short(pod("p", on), at) for on, at in times]
    assert found == [True, False, False, False]
