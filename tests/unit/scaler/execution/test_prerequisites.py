"""What any new pod needs to be let in: a pod that could not come back stays."""

from typing import Any

import msgspec
import pytest

from kube import objects
from kube.errors import Forbidden
from scaler.execution import prerequisites
from store.model import Phase
from store.reasons import Reason
from tests.unit.scaler.execution.surging import Surging
from tests.unit.scaler.world import PODS, World

NEEDS = [
    ("serviceAccountName", "/api/v1/namespaces/shop/serviceaccounts/x", "ServiceAccount"),
    ("priorityClassName", "/apis/scheduling.k8s.io/v1/priorityclasses/x", "PriorityClass"),
    ("runtimeClassName", "/apis/node.k8s.io/v1/runtimeclasses/x", "RuntimeClass"),
]


def missing(world: World, name: str) -> str | None:
    pod = msgspec.json.decode(world.api.get(f"{PODS}/{name}"), type=objects.Pod)
    return prerequisites.missing(world.api, pod)


def naming(world: World, field: str) -> str:
    """Each pod names `x`, where there is only another one; the first pod's name."""
    for _, path, _ in NEEDS:
        world.api.set(f"{path}-1", {"metadata": {"name": "x-1"}})
    for pod in world.api.list(PODS):
        path = f"{PODS}/{pod['metadata']['name']}"
        world.api.set(path, {**pod, "spec": {**pod["spec"], field: "x"}})
    return str(world.api.list(PODS)[0]["metadata"]["name"])


@pytest.mark.parametrize(("field", "path", "kind"), NEEDS)
def test_what_a_pod_names_is_missing_once_it_is_gone(field: str, path: str, kind: str) -> None:
    world = World()
    name = naming(world, field)
    said = f"{name} could not come back: its {kind} x is gone"
    assert missing(world, name) == said
    world.api.set(path, {"metadata": {"name": "x"}})
    assert missing(world, name) is None


def test_what_may_not_be_read_is_taken_to_be_there_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    world = World()
    name, usual = naming(world, "runtimeClassName"), type(world.api).get

    def get(api: Any, path: str, **query: str) -> bytes:
        if "runtimeclasses" in path:
            raise Forbidden(403, "Forbidden", "no right")
        return usual(api, path, **query)

    monkeypatch.setattr(type(world.api), "get", get)
    assert missing(world, name) is None
    said = [r.__dict__ for r in caplog.records if r.msg == "not asked whether it is there"]
    path = "/apis/node.k8s.io/v1/runtimeclasses/x"
    assert [(r["path"], r["error"]) for r in said] == [(path, "no right")]


@pytest.mark.parametrize("made", [World, Surging], ids=["by eviction", "by surge"])
def test_a_pod_that_could_not_come_back_stays_until_it_could(made: type[World]) -> None:
    world = made()
    world.cycle(2)
    name = naming(world, "serviceAccountName")
    before = [p["metadata"]["uid"] for p in world.api.list(PODS)]
    world.load.used = 490
    world.cycle(6, 5.0)
    status = world.status
    assert (status.phase, status.reason) == (Phase.BLOCKED, Reason.REFUSED)
    assert f"{name} could not come back: its ServiceAccount x is gone" in status.message
    assert status.restarts.count == 0
    assert [p["metadata"]["uid"] for p in world.api.list(PODS)] == before
    world.api.set(NEEDS[0][1], {"metadata": {"name": "x"}})
    world.cycle(60, 10.0)
    assert set(world.limits()) == {"1"}
