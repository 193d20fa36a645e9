"""Fit: whether the scheduler would find nodes for the new pods, before an old pod is replaced."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kube import objects
from scaler.feasibility.fit import NodeCapacity, obstacle
from store.model import Resources, Size
from tests.unit.scaler.shapes import Json, cpus, node, pod, requests

GI = 2**30


# What else is on the only node of 4 CPU, 8 GiB, where a pod of 1 CPU is to get 2.
NEIGHBOURS: list[tuple[str, list[objects.Pod], bool]] = [
    ("nobody", [], True),
    ("exactly enough is left", [pod("b", "a", "2")], True),
    ("a millicore too little is left", [pod("b", "a", "2001m")], False),
    ("a finished pod", [pod("b", "a", "3", phase="Succeeded")], True),
    ("a failed pod", [pod("b", "a", "3", phase="Failed")], True),
    ("a pod that is being deleted",
     [pod("b", "a", "3", metadata={"deletionTimestamp": "2026-11-24T00:00:00Z"})], False),
    ("a pod that is assigned and has not begun", [pod("b", "a", "3", phase="Pending")], False),
    ("a pod that waits for a node", [pod("b", None, "3", phase="Pending")], True),
    ("a pod on a node that is gone", [pod("b", "z", "3")], True),
    ("a pod of lower priority", [pod("b", "a", "3", priority=-5)], False),
    ("an init container's peak",
     [pod("b", "a", "1", initContainers=[requests("i", cpu="3")])], False),
    ("init containers run one by one",
     [pod("b", "a", "1", initContainers=[requests("i", cpu="2"), requests("j", cpu="2")])], True),
    ("a sidecar counts with the containers",
     [pod("b", "a", "1500m",
          initContainers=[requests("i", cpu="1") | {"restartPolicy": "Always"}])], False),
    ("a sidecar counts with later init containers", [pod("b", "a", "1", initContainers=[
        requests("i", cpu="1") | {"restartPolicy": "Always"}, requests("j", cpu="1500m")])], False),
    ("a sidecar does not count with earlier ones", [pod("b", "a", "1", initContainers=[
        requests("j", cpu="1500m"), requests("i", cpu="1") | {"restartPolicy": "Always"}])], True),
    ("overhead", [pod("b", "a", "1500m", overhead={"cpu": "600m"})], False),
    ("a pod's own total is less than its containers'",
     [pod("b", "a", "3", resources={"requests": {"cpu": "2"}})], True),
    ("a pod's own total is more",
     [pod("b", "a", "1", resources={"requests": {"cpu": "3"}})], False),
    ("memory", [pod("b", "a", "1", overhead={"memory": "6.5Gi"})], False),
    ("an overcommitted resource that is not asked for",
     [pod("b", "a", "1", overhead={"ephemeral-storage": "99Gi"})], True),
    ("a limit counts as a request where there is none",
     [pod("b", "a", containers=[{"name": "x", "resources": {"limits": {"cpu": "3"}}}])], False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "others", "fits"), NEIGHBOURS, ids=[n[0] for n in NEIGHBOURS])
def test_neighbours_leave_room_for_a_pod_or_do_not(
    name: str, others: list[objects.Pod], fits: bool
) -> None:
    old = pod("web-1", "a")
    got = obstacle([old], cpus(2000), [node("a")], [old, *others])
    assert (got is None) is fits, got


def test_the_number_of_pods_is_a_resource() -> None:
    pods = [pod(f"p{i}", "a", "0") for i in range(3)]
    assert obstacle(pods, {}, [node("a", pods="3")], pods) is None
    message = obstacle([pod("new", None)], {}, [node("a", pods="3")], pods)
    assert message is not None
    assert "too little pods" in message


def test_init_containers_and_overhead_of_the_new_pod_count() -> None:
    extra: Json = {"initContainers": [requests("init", cpu="3")], "overhead": {"cpu": "100m"}}
    old = pod("web-1", "a", **extra)
    assert obstacle([old], cpus(2000), [node("a", "3100m")], [old]) is None
    assert obstacle([old], cpus(2000), [node("a", "3099m")], [old]) is not None


SIZES = [
    ("nothing is said: as the pod is", {}, 1000),
    ("another container is named", {"x": Size(Resources(cpu=9000))}, 1000),
    ("only memory is said", {"main": Size(Resources(memory=GI))}, 1000),
    ("a request", {"main": Size(Resources(cpu=300), Resources(cpu=9000))}, 300),
    ("a limit above the request", {"main": Size(limits=Resources(cpu=3000))}, 1000),
    ("a limit below the request", {"main": Size(limits=Resources(cpu=700))}, 700),
]


@pytest.mark.parametrize(("name", "sizes", "needs"), SIZES, ids=[s[0] for s in SIZES])
def test_a_size_fits_where_its_requests_do(name: str, sizes: dict[str, Size], needs: int) -> None:
    old = pod("web-1", "a")
    assert obstacle([old], sizes, [node("a", f"{needs}m")], [old]) is None
    assert obstacle([old], sizes, [node("a", f"{needs - 1}m")], [old]) is not None


def test_the_room_of_a_pod_is_free_only_in_its_own_turn() -> None:
    small, large = pod("small", "a", "1"), pod("large", "b", "5")
    nodes = [node("a", "1"), node("b", "6")]
    # Node b would hold both new pods, but not before the large one has left it.
    assert obstacle([large, small], cpus(3000), nodes, [small, large]) is None
    message = obstacle([small, large], cpus(3000), nodes, [small, large])
    assert message is not None
    assert "no node has room for small" in message


def test_a_pod_can_be_asked_about_again_with_other_sizes() -> None:
    old = pod("web-1", "a")
    ground = NodeCapacity([node("a", "2")], [old])
    answers = [ground.obstacle([old], cpus(m)) is None for m in (2000, 3000, 2000)]
    assert answers == [True, False, True]


def test_pods_may_have_different_nodes_to_go_to() -> None:
    pods = [pod(n, n, nodeSelector={"kubernetes.io/hostname": n}) for n in ("a", "b")]
    ground = NodeCapacity([node("a", "2"), node("b", "1")], pods)
    answers = [ground.obstacle([p], cpus(2000)) is None for p in (*pods, *pods)]
    assert answers == [True, False, True, False]


REPELLED: Json = {"affinity": {"podAntiAffinity": {
    "requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "x"}}}
    ]}}}  # fmt: skip


@pytest.mark.parametrize(("spec", "home"), [({}, False), (REPELLED, True)], ids=["free", "bound"])
def test_a_pod_is_assumed_to_go_where_most_is_free_unless_it_requires_something_of_others(
    spec: Json, home: bool
) -> None:
    """On node b it would take the room that a large pod there has to have."""
    large = [requests("main", cpu="1"), requests("more", cpu="6")]
    bound: Json = {"nodeSelector": {"kubernetes.io/hostname": "b"}}
    pods = [pod("p", "z", **spec), pod("q", "b", containers=large, **bound)]
    ground = NodeCapacity([node("z", "2"), node("b", "9500m")], pods)
    assert (ground.obstacle(pods, cpus(2000)) is None) is home


def test_the_sentence_counts_the_nodes_and_says_what_is_free() -> None:
    old = pod("web-1", "a")
    nodes = [
        node("a", "1500m"),
        node("b", "1"),
        node("c", taints=[{"key": "master", "effect": "NoSchedule"}]),
    ]
    assert obstacle([old], cpus(2000), nodes, [old]) == (
        "no node has room for web-1 with 2 CPU and 1Gi memory "
        "(2 with too little cpu, 1 tainted master, at most 1500m CPU free)"
    )
    assert "there are no nodes" in (obstacle([old], {}, [], [old]) or "")


capacities = st.lists(st.integers(0, 6), min_size=1, max_size=4)
places = st.lists(st.integers(0, 3), min_size=1, max_size=5)


def scene(
    capacity: Sequence[int], where: Sequence[int]
) -> tuple[list[objects.Node], list[objects.Pod]]:
    nodes = [node(f"n{i}", str(cores), memory="99Gi") for i, cores in enumerate(capacity)]
    return nodes, [pod(f"p{i}", f"n{place % len(nodes)}") for i, place in enumerate(where)]


@given(capacities, places, st.integers(1, 6))
def test_equal_pods_fit_exactly_where_in_each_turn_the_nodes_hold_enough(
    capacity: list[int], where: list[int], cores: int
) -> None:
    nodes, pods = scene(capacity, where)
    fits = True
    for turn in range(1, len(pods) + 1):
        left = [place % len(nodes) for place in where[turn:]]
        places_ = [max(0, c - left.count(i)) // cores for i, c in enumerate(capacity)]
        fits = fits and sum(places_) >= turn
    assert (obstacle(pods, cpus(cores * 1000), nodes, pods) is None) is fits


@given(capacities, places, st.integers(1, 5))
def test_a_smaller_size_fits_wherever_a_larger_does_and_one_more_node_never_hurts(
    capacity: list[int], where: list[int], cores: int
) -> None:
    nodes, pods = scene(capacity, where)
    if obstacle(pods, cpus(cores * 1000), nodes, pods) is None:
        assert obstacle(pods, cpus(cores * 1000 - 500), nodes, pods) is None
        assert obstacle(pods, cpus(cores * 1000), [*nodes, node("more")], pods) is None


def test_a_large_cluster_is_surveyed_once_and_asked_quickly() -> None:
    nodes = [node(f"n{i}", "32", memory="64Gi") for i in range(200)]
    pods = [pod(f"p{i}", f"n{i % 200}") for i in range(4000)]
    began = time.process_time()
    ground = NodeCapacity(nodes, pods)
    surveyed = time.process_time() - began
    began = time.process_time()
    assert ground.obstacle(pods[:20], cpus(2000)) is None
    assert surveyed < 1  # 60 ms where it was measured
    assert time.process_time() - began < 0.5  # 10 ms


IN_PLACE: list[tuple[str, list[objects.Pod], str | None]] = [
    ("alone", [], None),
    ("exactly enough is left", [pod("b", "a", "2")], None),
    ("a millicore too little", [pod("b", "a", "2001m")], "a has no cpu left for p in place"),
    ("a neighbour on another node", [pod("b", "z", "4")], None),
    ("a neighbour that is being deleted still holds it",
     [pod("b", "a", "3", metadata={"deletionTimestamp": "2026-11-24T00:00:00Z"})],
     "a has no cpu left for p in place"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "others", "why"), IN_PLACE, ids=[c[0] for c in IN_PLACE])
def test_room_for_a_resize_is_on_the_pod_s_own_node(
    name: str, others: list[objects.Pod], why: str | None
) -> None:
    own = pod("p", "a", "1")
    there = NodeCapacity([node("a", cpu="4"), node("z", cpu="64")], [own, *others])
    assert there.in_place([own], cpus(2000)) == why


def test_a_pod_that_has_no_node_yet_is_not_resized_and_holds_nobody_up() -> None:
    waits, own = pod("p", None, "1"), pod("q", "a", "1")
    there = NodeCapacity([node("a", cpu="1500m")], [waits, own])
    assert there.in_place([waits], cpus(2000)) is None
    assert there.in_place([waits, own], cpus(2000)) == "a has no cpu left for q in place"


def test_two_pods_of_one_node_must_have_room_together() -> None:
    both = [pod("p", "a", "1"), pod("q", "a", "1")]
    there = NodeCapacity([node("a", cpu="3")], both)
    assert there.in_place(both[:1], cpus(2000)) is None
    assert there.in_place(both, cpus(2000)) == "a has no cpu left for q in place"
