"""What is written is read again, and what somebody else wrote is read as far as it is safe."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given

from kube.objects import Meta
from store.codec import PodSizeJson, podsize_from_json, status_to_json
from store.model import Apply, ContainerSize, Phase, Resources, Size, Status, Workload
from store.records import BackOff
from tests.unit.store.strategies import STATUSES

SPEC = {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
META = {"name": "deployment-web", "namespace": "shop", "resourceVersion": "7"}


def read(status: object = None, **spec: object) -> Any:
    """What comes of an object with that status and spec, as the watch would decode it."""
    raw = {"metadata": META, "spec": {**SPEC, **spec}, "status": status or {}}
    return podsize_from_json(msgspec.json.decode(json.dumps(raw), type=PodSizeJson))


@given(STATUSES)
def test_a_status_comes_back_as_it_was_written(status: Status) -> None:
    written = json.loads(msgspec.json.encode(status_to_json(status)))
    assert read(written).status == status


def test_the_object_says_whom_it_is_for() -> None:
    raw = {**META, "uid": "u", "generation": 3}
    read = podsize_from_json(msgspec.convert({"metadata": raw, "spec": SPEC}, PodSizeJson))
    assert read.workload == Workload("apps/v1", "Deployment", "shop", "web")
    assert (read.name, read.uid, read.generation) == ("deployment-web", "u", 3)
    assert read.resource_version == "7"
    assert read.status == Status()


@pytest.mark.parametrize(
    ("version", "kind", "name", "owned"),
    [
        ("apps/v1", "Deployment", "web", True),
        ("apps/v1", "Deployment", "other", False),
        ("apps/v1", "StatefulSet", "web", False),
        ("example.com/v1", "Deployment", "web", False),
    ],
)
def test_a_podsize_is_owned_by_its_workload_alone(
    version: str, kind: str, name: str, owned: bool
) -> None:
    reference = {"apiVersion": version, "kind": kind, "name": name, "uid": "u"}
    raw = {"metadata": {**META, "ownerReferences": [reference]}, "spec": SPEC}
    assert podsize_from_json(msgspec.convert(raw, PodSizeJson)).owned is owned


def test_sizes_by_hand_may_be_numbers() -> None:
    by_hand = [{"name": "c", "requests": {"cpu": 1}, "limits": {"cpu": "2", "memory": 1024}}]
    (one,) = read(containers=by_hand).by_hand
    assert one == ContainerSize("c", Size(Resources(1000), Resources(2000, 1024)))


@pytest.mark.parametrize("size", [{}, None, {"revision": 0}, {"apply": "all", "containers": []}])
def test_an_emptied_size_is_none(size: object) -> None:
    assert read({"size": size}).status.size is None


def test_no_size_is_written_as_an_empty_one() -> None:
    assert status_to_json(Status())["size"] == {}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({"phase": "Dreaming"}, Status()),
        ({"phase": "Settled", "reason": "Whim"}, Status(phase=Phase.SETTLED)),
        ({"backoff": {"failures": 1, "until": None}}, Status(backoff=BackOff(1))),
        ({"somethingNew": {"a": 1}}, Status()),
    ],
    ids=["phase", "reason", "null", "field"],
)
def test_unknown_values_are_passed_over(status: object, told: Status) -> None:
    assert read(status).status == told


def test_an_unknown_scope_restarts_nobody() -> None:
    stored = read({"size": {"revision": 1, "apply": "some", "containers": []}}).status.size
    assert stored.apply is Apply.NEW


@pytest.mark.parametrize("part", ["requests", "limits", "basis"])
@pytest.mark.parametrize("where", ["size", "lastGood", "wish", "by hand"])
@pytest.mark.parametrize("nonsense", ["lots", "-1", "1K", "nan"])
def test_a_quantity_that_cannot_be_read_spoils_the_object(
    part: str, where: str, nonsense: str
) -> None:
    amounts = {"cpu": nonsense}
    containers = [{"name": "c", part: {"limits": amounts} if part == "basis" else amounts}]
    stored = {"revision": 1, "containers": containers}
    with pytest.raises(ValueError, match="quantity"):
        if where == "by hand":
            read(containers=containers)
        else:
            read({where: stored})


def test_the_watchs_struct_reads_only_what_is_needed() -> None:
    raw = msgspec.convert({"metadata": META, "spec": SPEC, "kind": "PodSize"}, PodSizeJson)
    assert raw.metadata == Meta("deployment-web", "shop", resource_version="7")
