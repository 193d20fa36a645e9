"""The loop against an API server in memory: what the cluster looks like at the end."""

import dataclasses
import threading
from typing import Any

import pytest

from kube import objects, timestamps
from scaler.loop import Loop
from scaler.permissions import Permissions
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, NoMinute, Reading
from store.model import Phase
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, ours
from tests.unit.scaler.world import PODS, RC, Load, Once, World, controller, unread_loop


def test_two_hot_pods_are_doubled_one_after_the_other(hot: World) -> None:
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]
    status = hot.status
    assert (status.phase, status.reason) == (Phase.SETTLED, Reason.DOUBLED)
    assert status.size == status.last_good and status.size and status.size.revision == 1
    assert (status.pods.total, status.pods.current, status.restarts.count) == (2, 2, 2)
    assert {c.type: c.status for c in status.conditions} == {
        "Applied": "True",
        "WebhookVerified": "True",
    }


def test_a_workload_is_enrolled_within_a_cycle_and_owns_its_podsize(world: World) -> None:
    world.cycle()
    assert world.podsize.owned
    world.cycle()
    assert world.status.reason is Reason.IN_BOUNDS


def test_an_idle_cluster_is_not_written_to(world: World) -> None:
    world.cycle(3)
    before = list(world.api.writes)
    for used in (10.0, 300.0, 449.0, 5.0) * 5:
        world.load.used = used
        world.cycle()
    assert world.api.writes == before


def test_a_workload_that_has_settled_after_a_change_is_not_written_to(hot: World) -> None:
    hot.cycle(8)
    hot.load.used = 500
    before = list(hot.api.writes)
    hot.cycle(20)
    assert hot.api.writes == before


def test_a_new_scaler_that_knows_no_usage_yet_writes_nothing(hot: World) -> None:
    hot.cycle(8)
    before = list(hot.api.writes)
    hot.start()
    for usage in (Reason.WARMING_UP, Reason.WARMING_UP, 500.0):
        hot.load.used = usage
        hot.cycle()
    assert hot.api.writes == before


def test_a_size_is_as_old_as_its_write_not_as_its_decision(hot: World) -> None:
    """A call for another workload may hang meanwhile; see history.dated."""
    hot.loop.clock = lambda: hot.now + 60
    hot.cycle()
    assert [c.at for c in hot.status.changes] == [timestamps.text(hot.now + 60)]


def test_a_scaler_that_is_not_the_leader_does_nothing(hot: World) -> None:
    before = list(hot.api.writes)
    hot.loop = dataclasses.replace(hot.loop, permissions=Permissions(leader=lambda: False))
    hot.cycle(5)
    assert hot.api.writes == before


def test_three_pods_are_in_flight_in_the_cluster_at_most(world: World) -> None:
    for n in range(5):
        made = controller(ours({"mode": "auto"}), 2)
        made["metadata"] |= {"name": f"app-{n}", "uid": f"uid-app-{n}"}
        made["spec"]["template"]["metadata"] = {"labels": {"of": f"app-{n}"}}
        world.api.set(RC.replace("/web", f"/app-{n}"), made)
    world.api.settle()
    world.cycle(2)
    world.api.settle = lambda ready=True: None  # type: ignore[method-assign]
    world.load.used = 490
    world.cycle(10)
    assert len(world.api.list(PODS)) == 12 - 3


def test_a_workload_whose_planning_fails_does_not_stop_the_others(
    hot: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Bad(Load):
        used = 490.0

        def minute(
            self, pod: objects.Pod, container: str, now: float, covering: float = 0.0
        ) -> Minute | NoMinute:
            if pod.metadata.name.startswith("app"):
                raise ZeroDivisionError
            return super().minute(pod, container, now)

    made = controller(ours({"mode": "auto"}), 1)
    made["metadata"] |= {"name": "app", "uid": "uid-app"}
    hot.api.set(RC.replace("/web", "/app"), made)
    hot.api.settle()
    hot.load = Bad()
    hot.start()
    hot.cycle(8)
    assert hot.limits() == ["1", "1", "500m"]
    assert "no plan" in caplog.text


def _made(pod: Any) -> float:
    return timestamps.seconds(pod["metadata"]["creationTimestamp"]) or 0.0


def test_two_minutes_of_real_readings_double_a_workload() -> None:
    """The thesis's rule through the sampler: two minutes of 490 m of 500 m."""
    world = World()
    world.load = Windows()  # type: ignore[assignment]
    world.start()
    used = 0.0
    for _ in range(20):
        used += 0.49 * 10
        samples = [
            Sample(
                "shop",
                p["metadata"]["name"],
                "nginx",
                Reading(world.now, world.now, used, 0, _made(p)),
            )
            for p in world.api.list(PODS)
        ]
        world.loop.windows.take_in(samples, world.now)
        world.cycle()
    assert world.limits() == ["1", "1"]


@pytest.fixture
def loop() -> Loop:
    return unread_loop()


def test_a_cycle_before_the_first_lists_does_nothing(loop: Loop) -> None:
    assert loop.cycle(NOW) == []


def test_the_loop_ends_when_it_is_stopped(loop: Loop) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=loop.run, args=(stop,))
    thread.start()
    stop.set()
    loop.wake.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_workload_that_a_watch_brought_nothing_of_is_not_decided_on_again() -> None:
    world = World()
    world.cycle(6)
    decided: list[str] = []
    usual = world.loop._plan
    world.loop._plan = lambda view, context: (  # type: ignore[method-assign]
        decided.append(view.workload.name) or usual(view, context)  # type: ignore[func-returns-value]
    )
    plans = world.loop.cycle(world.now, everything=False)
    assert (len(plans), decided) == (1, [])
    world.annotate(mode="auto", cpu_max="4")
    for watch in world.observer.watches():
        watch.run(Once())
    assert len(world.loop.cycle(world.now, everything=False)) == 1
    assert decided == ["web"]


def read(world: World, used: float) -> None:
    """Usage is read of its pods alone: millicores."""
    world.load.used = used
    for at, pod in enumerate(world.api.list(PODS)):
        reading = Reading(world.now + at, world.now, 0.0, 1, 0.0)
        name = pod["metadata"]["name"]
        world.load.take_in([Sample("shop", name, "nginx", reading)], world.now)
    world.cycle(everything=False, seconds=1.0)


def test_a_workload_with_new_usage_is_decided_on_again_though_nothing_else_is() -> None:
    world = World()
    world.cycle(8)
    read(world, 200.0)
    made = [one.at for one in world.loop.kept_plans.kept.values()]
    assert made == [world.now]
    world.cycle(everything=False, seconds=1.0)
    assert [one.at for one in world.loop.kept_plans.kept.values()] == made


def test_a_node_is_near_until_all_is_decided_on_and_nothing_is_near_any_more() -> None:
    world = World()
    world.load.used = 200.0
    world.cycle(8)
    assert world.loop.near == frozenset()
    read(world, 400.0)
    near = world.loop.near
    assert near
    read(world, 200.0)
    assert world.loop.near == near
    world.cycle()
    assert world.loop.near == frozenset()
