"""Devices and hugepages are counted like CPU and memory."""

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.feasibility.fit import NodeCapacity
from scaler.feasibility.room import Room
from tests.unit.scaler.shapes import cpus, pod, requests

ONE = Room(cpu=5, extended=(("example.com/dongle", 1),))


def with_devices(count: str, name: str = "a") -> objects.Node:
    status = objects.NodeStatus(
        {"cpu": "4", "memory": "8Gi", "pods": "110", "example.com/dongle": count},
        conditions=[objects.Condition("Ready", "True")],
    )
    return objects.Node(objects.NodeMeta(name=name), status=status)


def using(name: str, on: str | None = "a", cpu: str = "1") -> objects.Pod:
    return pod(name, on, containers=[requests("main", cpu=cpu, **{"example.com/dongle": "1"})])


def test_rooms_are_added_and_taken_away_by_name() -> None:
    assert ONE + Room() == ONE and Room() + ONE == ONE
    assert (ONE + ONE).extended == (("example.com/dongle", 2),)
    assert (ONE - ONE).lacks(ONE) == "cpu"
    assert Room(cpu=9).lacks(ONE) == "example.com/dongle"
    assert Room(cpu=9, extended=(("example.com/other", 3),)).lacks(ONE) == "example.com/dongle"
    assert ONE.lacks(ONE) is None
    assert Room(storage=5) - Room(storage=3) == Room(storage=2)
    assert ONE.at_least(ONE + ONE) == ONE + ONE


def test_what_others_wait_for_goes_to_them_first_each_by_its_name() -> None:
    need = Room(cpu=1, extended=(("example.com/dongle", 1), ("example.com/gpu", 2)))
    waiting = [Room(cpu=9, extended=(("example.com/dongle", 3), ("example.com/other", 4)))]
    left = (("example.com/dongle", 4), ("example.com/gpu", 2))
    assert need.behind(waiting) == Room(cpu=1, extended=left)
    assert need.behind([]) == need


def objects_with(one: objects.Pod, meta: dict[str, str]) -> objects.Pod:
    """The same with these metadata."""
    return replace(
        one, metadata=msgspec.convert({**msgspec.to_builtins(one.metadata), **meta}, objects.Meta)
    )


@pytest.mark.parametrize(
    ("devices", "beside"), [("1", "1 with too little example.com/dongle"), ("2", None)]
)
def test_the_one_device_of_a_node_is_there_once_the_pod_is_gone(
    devices: str, beside: str | None
) -> None:
    old = using("web-1")
    capacity = NodeCapacity([with_devices(devices)], [old])
    assert capacity.obstacle([old], cpus(2000)) is None
    got = capacity.beside(old, cpus(2000))
    assert (got is None) is (beside is None)
    assert beside is None or beside in (got or "")


def test_a_pod_that_waits_for_the_device_gets_it_first() -> None:
    old, waits = using("web-1"), using("web-2", None)
    got = NodeCapacity([with_devices("1")], [old, waits]).obstacle([old], cpus(2000))
    assert "too little example.com/dongle" in (got or "")
    assert NodeCapacity([with_devices("2")], [old, waits]).obstacle([old], cpus(2000)) is None
    assert NodeCapacity([with_devices("1")], [waits]).obstacle([waits], cpus(2000)) is None
    gone = {"deletionTimestamp": "2026-11-24T00:00:00Z"}
    ends = objects_with(waits, gone)
    assert NodeCapacity([with_devices("1")], [old, ends]).obstacle([old], cpus(2000)) is None


def test_a_pod_that_has_its_device_waits_for_no_other() -> None:
    old, has = using("web-1"), using("web-2")
    assert NodeCapacity([with_devices("2")], [old, has]).obstacle([old], cpus(2000)) is None
