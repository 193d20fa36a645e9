"""What a pod requests and what a node has left: the table of pod_requests.py."""

from typing import Any

import pytest

from scaler.feasibility import pod_requests
from scaler.feasibility.room import Room
from store.model import Resources, Size
from tests.unit.scaler import shapes
from tests.unit.scaler.builders import NGINX, injected, pod, stored
from tests.unit.scaler.shapes import requests


def test_the_requests_of_a_copy_are_worked_out_again() -> None:
    small = pod("a", NGINX)
    assert pod_requests.held(small).cpu == 250
    assert pod_requests.held(injected("a", stored())).cpu == 500


GI = 2**30


def sidecar(name: str, **amounts: str) -> dict[str, Any]:
    return requests(name, **amounts) | {"restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        ({}, 1000),
        ({"initContainers": [requests("i", cpu="3")]}, 3000),
        ({"initContainers": [requests("i", cpu="500m")]}, 1000),
        ({"initContainers": [sidecar("s", cpu="500m")]}, 1500),
        ({"initContainers": [sidecar("s", cpu="1"), requests("i", cpu="2")]}, 3000),
        ({"initContainers": [requests("i", cpu="2"), sidecar("s", cpu="1")]}, 2000),
        ({"resources": {"requests": {"cpu": "2"}}}, 2000),
        ({"overhead": {"cpu": "100m"}}, 1100),
        ({"containers": [{"name": "x", "resources": {"limits": {"cpu": "3"}}}]}, 3000),
    ],
    ids=[
        *("a container", "a large init container", "a small one", "a sidecar"),
        *("a sidecar before an init container", "and after it", "a pod-level request"),
        *("overhead", "a limit without a request"),
    ],
)
def test_the_cpu_that_a_pod_holds(spec: dict[str, Any], cpu: int) -> None:
    assert pod_requests.held(shapes.pod("web-1", "a", **spec)).cpu == cpu


@pytest.mark.parametrize(
    ("level", "cpu", "memory"),
    [
        ({"requests": {"cpu": "2"}}, 2000, GI),
        ({"requests": {"memory": "3Gi"}}, 1000, 3 * GI),
        ({"limits": {"memory": "2Gi"}}, 1000, 2 * GI),
        ({"requests": {"cpu": "2", "memory": "3Gi"}}, 2000, 3 * GI),
    ],
    ids=["cpu", "memory", "a limit alone", "both"],
)
def test_what_a_pod_asks_for_as_a_whole_replaces_what_it_names_and_nothing_else(
    level: dict[str, Any], cpu: int, memory: int
) -> None:
    one = requests("main", cpu="1", memory="1Gi", ephemeral_storage="5Gi")
    one["resources"]["requests"]["example.com/dongle"] = "1"
    got = pod_requests.held(shapes.pod("web-1", "a", containers=[one], resources=level))
    assert got == Room(cpu, memory, 5 * GI, 1, (("example.com/dongle", 1),))


@pytest.mark.parametrize(
    ("sizes", "needs"),
    [
        ({}, (1000, GI)),
        ({"other": Size(Resources(9000))}, (1000, GI)),
        ({"main": Size(Resources(300))}, (300, GI)),
        ({"main": Size(limits=Resources(3000))}, (1000, GI)),
        ({"main": Size(limits=Resources(700))}, (700, GI)),
        ({"main": Size(Resources(memory=64))}, (1000, 64)),
        ({"main": Size(limits=Resources(memory=64))}, (1000, 64)),
    ],
    ids=[
        *("as it is", "another container is named", "a request", "a limit above its request"),
        *("a limit below its request", "memory alone", "a limit of memory alone"),
    ],
)
def test_the_room_that_a_new_pod_needs(sizes: dict[str, Size], needs: tuple[int, int]) -> None:
    got = pod_requests.needed(shapes.pod("web-1", "a"), sizes)
    assert (got.cpu, got.memory, got.pods) == (*needs, 1)


def test_what_is_never_sized_stays() -> None:
    one = requests("main", cpu="1", ephemeral_storage="5Gi")
    one["resources"]["requests"]["example.com/dongle"] = "1"
    got = pod_requests.needed(
        shapes.pod("web-1", "a", containers=[one]), {"main": Size(Resources(2000))}
    )
    assert got == Room(2000, 0, 5 * GI, 1, (("example.com/dongle", 1),))


def test_a_node_has_what_is_allocatable() -> None:
    got = pod_requests.allocatable(shapes.node("a", "4", memory="8Gi", pods="110"))
    assert got == Room(4000, 8 * GI, 10 * GI, 110)


@pytest.mark.parametrize(
    ("left", "need", "lacks"),
    [
        (Room(1000, GI, 0, 1), Room(1000, GI, 0, 1), None),
        (Room(999, GI, 0, 1), Room(1000, GI, 0, 1), "cpu"),
        (Room(1000, GI - 1, 0, 1), Room(1000, GI, 0, 1), "memory"),
        (Room(1000, GI, 0, 1), Room(1000, GI, 1, 1), "ephemeral-storage"),
        (Room(1000, GI, 1, 1), Room(1000, GI, 1, 1), None),
        (Room(1000, GI, 0, 0), Room(1000, GI, 0, 1), "pods"),
        (Room(-5, GI, 0, 1), Room(0, GI, 0, 1), None),
    ],
    ids=[
        "enough",
        "cpu",
        "memory",
        "storage",
        "just enough of it",
        "pods",
        "overcommitted, and nothing asked for",
    ],
)
def test_the_first_resource_that_is_lacking_is_named(
    left: Room, need: Room, lacks: str | None
) -> None:
    assert left.lacks(need) == lacks


def test_limits_of_a_pod_add_up_and_a_size_without_a_limit_has_none() -> None:
    made = pod("a", NGINX)
    assert pod_requests.limited(made, {}).cpu == 500
    assert pod_requests.limited(made, {"nginx": Size(Resources(500), Resources(1000))}).cpu == 1000
    assert pod_requests.limited(made, {"nginx": Size(Resources(500))}) == Room()
    over = pod("a", NGINX, overhead={"cpu": "100m"})
    assert pod_requests.limited(over, {}).cpu == 600
