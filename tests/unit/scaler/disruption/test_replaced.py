"""What is remembered of a replaced pod, and for which size."""

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster.terminating import PATIENCE
from scaler.disruption.replaced import LastReplaced
from scaler.model import Evict
from store.model import Status
from tests.unit.scaler.builders import NOW, injected, owner, pod, stored, view
from tests.unit.scaler.planning.test_down_for_memory import MORE, down

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


GROWN = Status(size=MORE)


def in_flight(*pods: objects.Pod, kind: str = "ReplicationController", replicas: int = 2) -> bool:
    """Whether they are waited for, where `a` and `b` were there as `b` was replaced."""
    known = LastReplaced()
    before = view(pod("a"), pod("b"), status=GROWN, kind=kind)
    known.add(before, Evict(before.workload, "b", "uid-b", MORE, GROWN, "1"))
    there = view(*pods, status=GROWN, kind=kind, whose=owner(replicas=replicas))
    return known.in_flight(there, NOW)


WELL = injected("a", MORE)


def test_pods_that_were_there_before_are_not_waited_for() -> None:
    assert not in_flight(pod("a", ready=False), injected("c", MORE))
    assert in_flight(WELL, pod("c", ready=False))


def test_beside_one_that_is_down_a_missing_pod_is_waited_for_but_by_a_statefulset() -> None:
    """Which makes its next pod only once those before it are Ready."""
    assert in_flight(WELL, down(pod("c")), replicas=3)
    assert not in_flight(WELL, down(pod("c")), kind="StatefulSet", replicas=3)
    assert in_flight(WELL, kind="StatefulSet"), "none is down"
    starting = injected("d", MORE, ready=False)
    assert in_flight(down(pod("c")), starting, kind="StatefulSet", replicas=3)


def test_a_pod_that_is_down_waits_for_none_of_an_older_size() -> None:
    assert not in_flight(down(pod("a")), pod("c", ready=False))
    assert in_flight(down(pod("a")), injected("c", MORE, ready=False))


def test_a_workload_whose_podsize_is_gone_is_remembered_as_well() -> None:
    known, bare = LastReplaced(), replace(SEEN, podsize=None)
    known.add(bare, Evict(SEEN.workload, "b", "uid-b", SIZE, Status(size=SIZE), "1"))
    assert known.there(bare) == frozenset()
