"""One workload as one cycle sees it: what follows from its objects."""

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster.view import View
from store.model import Status, Workload
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import injected, owner, pod, stored, view


@pytest.mark.parametrize(
    ("kind", "made", "wanted"),
    [
        ("Deployment", owner(replicas=3), 3),
        ("Deployment", owner(spec={"replicas": None}), 1),
        ("DaemonSet", owner(status={"desiredNumberScheduled": 4}), 4),
    ],
    ids=["as many as it says", "one by default", "a daemon on each node"],
)
def test_the_number_of_desired_replicas(kind: str, made: objects.Owner, wanted: int) -> None:
    seen = View(Workload("apps/v1", kind, "shop", "web"), made, None, None)
    assert seen.desired_replicas == wanted
    assert replace(seen, owner=None).desired_replicas == 0


LINE = Change("", 4, "nginx", "cpu", None, "1", Reason.DOUBLED)


@pytest.mark.parametrize(
    ("pods", "status", "revision"),
    [
        ([pod()], Status(), 1),
        ([pod()], Status(size=stored(3)), 4),
        ([pod()], Status(size=stored(3), changes=(LINE,)), 5),
        ([injected("a", stored(7))], Status(), 8),
    ],
    ids=["the first", "after the stored one", "after the history's", "after a pod's"],
)
def test_the_next_revision_is_above_every_one_that_was_given_out(
    pods: list[objects.Pod], status: Status, revision: int
) -> None:
    assert view(*pods, status=status).next_revision == revision


def test_terminating_pods_are_neither_differing_nor_unready() -> None:
    made = [injected("a", stored()), pod("b"), pod("c", ready=False), pod("d", going=True)]
    seen = view(*made, status=Status(size=stored()))
    assert [s.name for s in seen.not_terminating] == ["a", "b", "c"]
    assert [s.name for s in seen.differing] == ["b", "c"]
    assert [s.name for s in seen.unready] == ["c"]
