"""What is remembered of a replaced pod, and for which size."""

import pytest
from msgspec.structs import replace

from scaler.cluster.terminating import PATIENCE
from scaler.disruption.replaced import LastReplaced
from scaler.model import Evict
from store.model import Status
from tests.unit.scaler.builders import NOW, injected, owner, pod, stored, view

SIZE = stored(3)
SEEN = view(injected("a", SIZE), pod("b"), status=Status(size=SIZE))


def taken() -> LastReplaced:
    made = LastReplaced()
    made.add(SEEN, Evict(SEEN.workload, "b", "uid-b", SIZE, Status(size=SIZE), "1"))
    return made


def test_the_pods_that_were_there_are_known_for_that_size_alone() -> None:
    assert taken().there(SEEN) == {"uid-a", "uid-b"}
    assert taken().there(view(pod("b"), status=Status(size=replace(SIZE, revision=4)))) == set()
    assert LastReplaced().there(SEEN) == set()
    assert SEEN.podsize is not None
    assert taken().there(replace(SEEN, podsize=replace(SEEN.podsize, uid="made again"))) == set()


def test_a_replacement_is_forgotten_once_all_pods_are_there_again() -> None:
    known = taken()
    assert known.in_flight(
        view(injected("a", SIZE), status=Status(size=SIZE), whose=owner(replicas=2)), NOW
    )
    assert known.there(SEEN)
    whole = view(
        injected("a", SIZE), injected("c", SIZE), status=Status(size=SIZE), whose=owner(replicas=2)
    )
    assert not known.in_flight(whole, NOW)
    assert not known.there(SEEN)


def test_a_pod_that_lingers_is_not_waited_for() -> None:
    ending = pod("b", going=True)
    there = view(injected("a", SIZE), injected("c", SIZE), ending, status=Status(size=SIZE))
    there = replace(there, owner=owner(replicas=2))
    assert taken().in_flight(there, NOW + PATIENCE)
    assert not taken().in_flight(there, NOW + PATIENCE + 1)


@pytest.mark.parametrize(
    ("seen", "version", "waits"),
    [("9", "10", True), ("10", "10", False), ("11", "10", False), ("x", "10", True),
     ("10", "", True), ("10", "x", True)],
)  # fmt: skip
def test_a_pod_is_waited_for_until_the_watch_shows_it_as_it_is_since(
    seen: str, version: str, waits: bool
) -> None:
    known = LastReplaced()
    known.add(SEEN, Evict(SEEN.workload, "b", "uid-b", SIZE, Status(size=SIZE), "1"), version)
    old = injected("b", SIZE)
    old = replace(old, metadata=replace(old.metadata, resource_version=seen))
    there = view(injected("a", SIZE), old, status=Status(size=SIZE))
    assert known.in_flight(there, NOW) is waits


def test_nothing_is_waited_for_where_nothing_was_replaced() -> None:
    assert not LastReplaced().in_flight(view(pod("a", ready=False)), NOW)
