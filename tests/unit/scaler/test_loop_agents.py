"""The loop with node agents: they learn what counts, and it does not rest while one is pressing."""

import threading
import time

import pytest
from msgspec.structs import replace

from link import messages
from link.messages import Counted, Pinned
from scaler.agents.reports import Reports
from scaler.loop import Loop
from scaler.node_agents import NodeAgents
from scaler.usage.window import Minute
from store.reasons import Reason
from tests.unit.scaler.world import PODS, World, unread_loop

ID = "{:064x}"
PINNED = Pinned(ID.format(0), 0.5, 490.0, 500.0, 1.0)


@pytest.fixture
def world() -> World:
    """Both pods run on the node, and each has a container with an ID."""
    made = World()
    made.annotate(mode="auto", strategy="resize", burst="on")
    for number, pod in enumerate(made.api.list(PODS)):
        status = {
            "name": "nginx",
            "containerID": f"containerd://{ID.format(number)}",
            "state": {"running": {"startedAt": made.api.clock}},
        }
        pod["spec"]["nodeName"] = "node"
        pod["status"]["containerStatuses"] = [status]
        made.api.set(f"{PODS}/{pod['metadata']['name']}", pod)
    made.cycle(2)
    return made


@pytest.fixture
def reports(world: World) -> Reports:
    world.loop.around.agents = NodeAgents()
    return world.loop.around.agents.reports


def test_agents_learn_once_which_containers_count(world: World, reports: Reports) -> None:
    sent: list[object] = []
    assert world.loop.around.agents
    world.loop.around.agents.recount = lambda: sent.append(1)
    world.cycle(3)
    uids = [p["metadata"]["uid"] for p in world.api.list(PODS)]
    assert reports.counting.nodes == {
        "node": [Counted(ID.format(n), uid) for n, uid in enumerate(uids)]
    }
    assert len(sent) == 1
    world.annotate(mode="off")
    world.cycle()
    assert reports.counting.nodes == {} and len(sent) == 2


def test_a_pinned_container_doubles_its_workload_in_the_next_cycle(
    world: World, reports: Reports
) -> None:
    world.cycle()
    assert reports.take_in("node", PINNED, world.now + 0.1)
    world.cycle(seconds=0.2)
    assert world.status.size and world.status.size.containers[0].size.limits.cpu == 1000
    assert world.status.changes[0].reason is Reason.DOUBLED
    assert world.loop.cadence.hurry, "and the resize follows at once"


def test_a_limit_that_is_pinned_on_a_slow_node_says_so(world: World, reports: Reports) -> None:
    world.cycle()
    reports.take_in("node", messages.NodeMinute(60.0, 0.5, 0.5, 0.6, 2), world.now)
    world.load.used = 490.0
    world.cycle(3)
    assert world.status.changes[0].reason is Reason.DOUBLED
    assert "; node node was slow at " in world.status.message
    assert "(its hardware held CPUs back 2 times in a minute and its CPUs may run at 60 % of" in (
        world.status.message
    )


def test_a_silent_agent_changes_nothing(world: World, reports: Reports) -> None:
    world.cycle(5)
    assert world.status.size is None and world.status.reason is Reason.IN_BOUNDS


def test_without_room_on_its_node_there_is_no_change_and_a_reason(
    world: World, reports: Reports
) -> None:
    node = world.api.objects["/api/v1/nodes/node"]
    node["status"]["allocatable"]["cpu"] = "540m"
    world.api.set("/api/v1/nodes/node", node)
    other = {**node, "metadata": {"name": "other"}}
    other["status"] = {**node["status"], "allocatable": {"cpu": "64", "memory": "64Gi", "pods": 9}}
    world.api.set("/api/v1/nodes/other", other)
    world.cycle()
    reports.take_in("node", PINNED, world.now + 0.1)
    world.cycle(seconds=0.2)
    assert (world.status.size, world.status.reason) == (None, Reason.NO_NODE_FITS)
    assert "node has no cpu left for web-" in world.status.message


@pytest.mark.parametrize("agents", [True, False])
def test_only_with_agents_a_rest_can_be_cut_short(agents: bool) -> None:
    loop: Loop = unread_loop()
    node_agents = NodeAgents()
    node_agents.pressed.set()
    loop.around.agents = node_agents if agents else None
    began = time.monotonic()
    loop._rest(threading.Event(), 0.2)
    assert (time.monotonic() - began < 0.1) is agents


def test_the_minutes_maximum_is_the_agents(world: World, reports: Reports) -> None:
    world.cycle(30)
    pod = next(p for v in world.loop.memory.views.values() for p in v.pods)
    usual = world.loop.around.minute_of(world.now)(pod, "nginx")
    assert isinstance(usual, Minute)
    reports.take_in("node", messages.Minute(ID.format(0), 60.0, 30.0, 493.0), world.now)
    assert world.loop.around.minute_of(world.now)(pod, "nginx") == replace(usual, peak=493.0)
    assert world.loop.around.minute_of(world.now + 90.0)(pod, "nginx") != replace(usual, peak=493.0)
