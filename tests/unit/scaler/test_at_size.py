"""Bad input at the size of a large cluster: bounded time, and nobody else is affected.

CPU time, compared with what the same number of pods costs otherwise: wall-clock time would measure
the machine's other work. What grows with the square of anything takes many times the bound.
"""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from kube.objects import Container, Pod
from scaler.model import Plan
from store.reasons import Reason
from tests.bench.cycle import Town
from tests.unit.scaler import builders

_TIMES = 4
"""Of the CPU time of the ordinary town: linear costs 1, the square of the size ten and more."""


def cheapest(town: Town) -> float:
    """CPU seconds of a cycle with new usage."""
    town.settle()
    return min(town.timed(3))


@pytest.fixture(scope="module")
def ordinary() -> float:
    """Of 200 workloads of 10 pods."""
    return cheapest(Town(20, 200, 10))


def test_a_workload_of_2000_pods_costs_no_more_than_many_small_ones(ordinary: float) -> None:
    town = Town(20, 1, 2000)
    assert cheapest(town) < _TIMES * ordinary
    assert town.woken() < _TIMES * ordinary


def test_a_new_size_of_a_workload_of_2000_pods_is_decided_at_once(ordinary: float) -> None:
    town = Town(20, 1, 2000)
    town.settle()
    by_hand(town, {"name": "nginx", "requests": {"cpu": "300m"}, "limits": {"cpu": "600m"}})
    before = len(town.api.writes)
    assert town.cycle() < 40 * ordinary
    assert len(town.api.writes) > before, "the new size was not stored"


def test_a_quota_of_a_namespace_of_400_workloads_is_added_up_once(ordinary: float) -> None:
    town = Town(20, 400, 1)
    without = cheapest(town)
    quota = {"limits.cpu": "100000", "requests.cpu": "100000"}
    made = town.api.set(
        "/api/v1/namespaces/shop/resourcequotas/all",
        {"metadata": {"name": "all", "namespace": "shop"}, "spec": {"hard": quota}},
    )
    town.observer.quotas.put(json.dumps(made).encode())
    assert min(town.timed(3)) < _TIMES * without


def test_300_containers_in_a_pod_are_planned_and_the_others_are_as_ever() -> None:
    town = Town(5, 3, 2)
    town.settle()
    crowded(town, town.pods[0][1], 300)
    plans = {plan.workload.name: plan for plan in planned(town)}
    assert plans["web-1"].standing.reason is plans["web-2"].standing.reason is Reason.DOUBLED
    assert all(len(plan.standing.message) < 2000 for plan in plans.values())


def test_a_watch_that_replays_changes_nothing() -> None:
    town = Town(5, 20, 10)
    town.settle()
    path = next(k for k in town.api.objects if "/pods/" in k)
    newest = town.api.set(path, town.api.objects[path])
    pods = town.observer.pods
    pods.put(json.dumps(newest).encode())
    planned(town)
    old = {**newest, "metadata": {**newest["metadata"], "resourceVersion": "1"}}
    before, writes = town.observer.snapshot(), len(town.api.writes)
    for _ in range(2000):
        pods.put(json.dumps(old).encode())
        pods.put(json.dumps(newest).encode())
    assert town.observer.snapshot() is before, "an event of the past was taken for news"
    assert town.woken() < 1.0
    assert len(town.api.writes) == writes


def planned(town: Town) -> Sequence[Plan]:
    """The plans of one more cycle, all of them."""
    town.now += 1.0
    return town.loop.cycle(town.now)


def by_hand(town: Town, container: Any) -> None:
    """A user sets a size of the first workload."""
    path = next(k for k in town.api.objects if "/podsizes/" in k)
    old = town.api.objects[path]
    meta = {**old["metadata"], "generation": 2}
    spec = {**old["spec"], "containers": [container]}
    made = town.api.set(path, {**old, "metadata": meta, "spec": spec})
    town.observer.store.watch.put(json.dumps(made).encode())


def crowded(town: Town, pod: str, count: int) -> None:
    """That pod has so many containers more, with sizes of their own."""
    path = f"/api/v1/namespaces/shop/pods/{pod}"
    old = msgspec.json.decode(json.dumps(town.api.objects[path]), type=Pod)
    more = [Container(f"c-{n}", resources=old.spec.containers[0].resources) for n in range(count)]
    plain: Any = json.loads(msgspec.json.encode(more))
    known = town.api.objects[path]
    spec = {**known["spec"], "containers": [*known["spec"]["containers"], *plain]}
    running = {"state": {"running": {"startedAt": builders.LONG_AGO}}}
    statuses = [{"name": c["name"], "ready": True, **running} for c in spec["containers"]]
    status = {**known["status"], "containerStatuses": statuses}
    made = town.api.set(path, {**known, "spec": spec, "status": status})
    town.observer.pods.put(json.dumps(made).encode())
