"""A hand-over that is called off: the pod goes back, whatever happens in the middle."""

import dataclasses

from scaler.permissions import Permissions
from tests.unit.scaler.execution.surging import Surging, controller_of, until_held
from tests.unit.scaler.world import PODS, RC, Once


def test_a_held_pod_of_a_workload_that_is_paused_is_handed_back(world: Surging) -> None:
    world.api.starts = False
    old = until_held(world)
    world.annotate(1, mode="auto", paused="true")
    world.cycle(3, 1.0)
    assert list(world.pods) == [old]
    assert controller_of(world.pods[old]) == "ReplicationController"


def test_a_scaler_that_ends_in_order_hands_its_pods_back_first(world: Surging) -> None:
    world.api.starts = False
    old = until_held(world)
    for watch in world.observer.watches():
        watch.run(Once())
    world.loop.leave(world.now)
    assert list(world.pods) == [old]
    assert controller_of(world.pods[old]) == "ReplicationController"


def test_a_held_pod_is_not_handed_back_once_its_replacement_is_ready(world: Surging) -> None:
    old = until_held(world)
    for watch in world.observer.watches():
        watch.run(Once())
    before = len(world.api.writes)
    world.loop.leave(world.now)
    assert world.held() == [old]
    assert len(world.api.writes) == before


def test_a_held_pod_of_a_workload_that_is_scaled_to_zero_goes_too(world: Surging) -> None:
    world.api.starts = False
    until_held(world)
    world.annotate(0, mode="auto")
    world.api.settle()
    world.cycle(3, 1.0)
    assert not world.pods


def test_a_held_pod_of_a_workload_that_is_gone_is_freed(world: Surging) -> None:
    world.api.starts = False
    old = until_held(world)
    world.api.remove(RC)
    world.cycle(3, 1.0)
    assert controller_of(world.pods[old]) is None


def test_a_held_pod_is_handed_back_where_its_replacement_is_not_ready_in_time(
    world: Surging,
) -> None:
    world.api.starts = False
    old = until_held(world)
    world.cycle(4, 40.0)
    assert list(world.pods) == [old]
    assert world.status.backoff.failures == 1


def test_a_scaler_that_is_succeeded_leaves_its_held_pods_to_the_next(world: Surging) -> None:
    """An upgrade in mid-change: nothing is handed back, and no second restart is counted."""
    world.api.starts = False
    old = until_held(world)
    world.loop = dataclasses.replace(world.loop, permissions=Permissions(succeeded=lambda: True))
    for watch in world.observer.watches():
        watch.run(Once())
    before = list(world.api.writes)
    world.loop.leave(world.now)
    assert (world.held(), world.api.writes) == ([old], before)
    world.start()
    world.api.starts = True
    for path in [p for p in world.api.objects if p.startswith(f"{PODS}/")]:
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": world.api.clock}
        found = world.api.objects[path]
        world.api.set(path, {**found, "status": {**found["status"], "conditions": [ready]}})
    world.cycle(6, 1.0)
    assert old not in world.pods and not world.held()
    assert (world.status.restarts.count, world.status.backoff.failures) == (1, 0)
