"""What is asked about a held pod: each question of held_case.py by itself."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.health.startup_deadline import Deadline
from scaler.replacement.held_case import HeldCase
from store.annotations import FIRST_TO_GO
from store.model import Status
from tests.unit.scaler.builders import NOW, injected, owner, pod, stored, view
from tests.unit.scaler.replacement.test_held_pod import held
from tests.unit.scaler.troubled import starting

SIZE = stored(3)


def case(*others: objects.Pod, replicas: int = 2, **more: Any) -> HeldCase:
    """A held pod, and the other pods of its owner; `spec`: what the owner asks for."""
    whose = owner(replicas=replicas, **more)
    made = view(*others, status=Status(size=SIZE), whose=whose) if others else None
    seen = made or view(status=Status(size=SIZE), whose=whose)
    return HeldCase(seen, held(), None, Deadline(), NOW)


def fresh(name: str, **more: Any) -> objects.Pod:
    return injected(name, SIZE, **more)


@pytest.mark.parametrize(
    ("others", "missing", "replaced"),
    [
        ([fresh("a"), fresh("b")], None, True),
        ([fresh("a"), pod("old")], None, True),
        ([fresh("a"), fresh("b", ready=False)], None, False),
        ([fresh("a")], "1 of 2 others are there", False),
        ([fresh("a"), fresh("b", going=True)], "1 of 2 others are there", False),
        ([fresh("a"), fresh("b"), fresh("c", ready=False)], None, True),
    ],
    ids=["all Ready", "an old one counts", "one starts", "one missing", "one goes", "one more"],
)
def test_a_held_pod_is_replaced_once_as_many_others_as_desired_are_ready(
    others: list[objects.Pod], missing: str | None, replaced: bool
) -> None:
    got = case(*others)
    assert (got.missing, got.replaced) == (missing, replaced)
    assert got.waiting == "its replacement is Ready" + (f": {missing}" if missing else "")


def test_a_replacement_counts_once_it_was_ready_for_as_long_as_its_owner_asks() -> None:
    young = fresh("a", since=timestamps.text(NOW - 9))
    assert case(young, replicas=1, spec={"minReadySeconds": 9}).replaced
    assert not case(young, replicas=1, spec={"minReadySeconds": 10}).replaced


@pytest.mark.parametrize(
    ("others", "replaced"),
    [
        ([fresh("a"), pod("old", ready=False)], True),
        ([fresh("a", ready=False), pod("old")], False),
        ([fresh("a"), fresh("b", ready=False)], False),
        ([pod("b"), pod("old", ready=False)], False),
        ([fresh("a")], False),
    ],
    ids=[
        "an old one is not Ready",
        "the new one starts",
        "one starts",
        "no new one",
        "one missing",
    ],
)
def test_a_held_pod_that_is_not_ready_itself_waits_for_new_ones_alone(
    others: list[objects.Pod], replaced: bool
) -> None:
    got = replace(case(*others), held=held(ready=False))
    assert got.replaced is replaced


def test_old_pods_that_are_not_ready_are_no_failure_of_one_that_is_not_ready_itself() -> None:
    late = case(fresh("a"), starting(pod("old"), since=900))
    assert [f.message for f in late.failures()] == [
        "old is not Ready after 60 s: no message from the kubelet"
    ]
    assert list(replace(late, held=held(ready=False)).failures()) == []


def test_a_held_pod_of_a_workload_that_wants_none_is_never_replaced() -> None:
    assert not case(fresh("a"), replicas=0).replaced


def test_failures_are_those_of_the_others_and_of_a_refused_creation_while_one_is_missing() -> None:
    refused = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}
    short = case(fresh("a"), status={"conditions": [refused]})
    assert [f.message for f in short.failures()] == ["exceeded quota"]
    enough = case(fresh("a"), fresh("b"), status={"conditions": [refused]})
    assert list(enough.failures()) == []


def template(labels: dict[str, str]) -> objects.Owner:
    """The owner, whose template gives its pods these labels."""
    raw = msgspec.to_builtins(owner())
    raw["spec"]["template"]["metadata"]["labels"] = labels
    return msgspec.convert(raw, objects.Owner)


@pytest.mark.parametrize("labels", [{"app": "web"}, {}, {"tier": "x"}], ids=str)
@pytest.mark.parametrize("drained", [False, True])
def test_a_held_pod_is_drained_by_our_mark_whatever_its_labels_are(
    labels: dict[str, str], drained: bool
) -> None:
    seen = view(fresh("a"), status=Status(size=SIZE), whose=template(labels))
    marked = {"annotations": dict(FIRST_TO_GO)} if drained else {}
    metadata = msgspec.structs.replace(held().metadata, **marked)
    pod = msgspec.structs.replace(held(), metadata=metadata)
    got = HeldCase(seen, pod, None, Deadline(), NOW)
    assert (got.drained, got.unadoptable) == (drained, drained)


def test_a_held_pod_whose_owner_is_gone_cannot_be_adopted() -> None:
    seen = view(fresh("a"), status=Status(size=SIZE))
    assert HeldCase(seen, held(of="another"), None, Deadline(), NOW).unadoptable
