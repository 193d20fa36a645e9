"""What is checked again just before an action is carried out."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from kube.errors import Conflict, Forbidden, NotFound, TooMany, Unreachable
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe
from scaler.model import Action, Adopt, Create, Evict, HandOver, Outcome, Wait, Write
from scaler.watches import Observer
from store.codec import status_to_json
from store.model import Status
from store.naming import object_name, object_path
from store.reasons import Reason
from tests.fakes import FakeGateway
from tests.unit.scaler.builders import stored, workload

_AT = "2026-11-23T20:36:10Z"
WRITE = Write(workload(), Status(size=stored()), "7")


def test_a_size_is_blamed_only_in_the_light_of_a_fresh_list() -> None:
    api = FakeGateway()
    actuator = Actuator(api, Observer(api, lambda key: None).store, Probe(api, "release"))
    asked: list[int] = []

    def otherwise(pods: list[objects.Pod]) -> bool:
        asked.append(len(pods))
        return False

    assert not actuator.carry_out(replace(WRITE, blames=True), otherwise).done
    assert len(asked) == 1
    actuator.carry_out(WRITE, otherwise)
    assert len(asked) == 1, "other writes need no list"


def test_a_change_is_dated_after_the_list_that_comes_before_its_write() -> None:
    """Found by simulation: a rollback was dated five seconds before a slow list of the pods."""
    api = FakeGateway()
    actuator = Actuator(api, Observer(api, lambda key: None).store, Probe(api, "release"))
    order: list[str] = []

    def still(pods: list[objects.Pod]) -> bool:
        order.append("listed")
        return True

    def dated(status: Status) -> Status:
        order.append("dated")
        return replace(status, message=_AT)

    path, w = object_path(workload()), workload()
    reference = {"apiVersion": w.api_version, "kind": w.kind, "name": w.name}
    meta = {"name": object_name(w), "namespace": w.namespace, "uid": "1"}
    held = api.set(path, {"metadata": meta, "spec": {"workloadRef": reference}})
    version = held["metadata"]["resourceVersion"]
    outcome = actuator.carry_out(
        replace(WRITE, resource_version=version, blames=True), still, dated
    )
    assert outcome.done and order == ["listed", "dated"]
    assert api.objects[path]["status"]["message"] == _AT


def test_a_podsize_that_people_made_gets_its_workload_as_an_owner_beside_others() -> None:
    api = FakeGateway()
    observer = Observer(api, lambda key: None)
    actuator = Actuator(api, observer.store, Probe(api, "release"))
    path, w = object_path(workload()), workload()
    git = {"apiVersion": "v1", "kind": "ConfigMap", "name": "release", "uid": "uid-git"}
    stale = {"apiVersion": w.api_version, "kind": w.kind, "name": "before", "uid": "uid-web"}
    meta = {"name": object_name(w), "namespace": w.namespace, "uid": "1"}
    reference = {"apiVersion": w.api_version, "kind": w.kind, "name": w.name}
    api.set(
        path,
        {
            "metadata": {**meta, "ownerReferences": [git, stale]},
            "spec": {"workloadRef": reference},
        },
    )
    observer.store.watch.put(api.get(path))
    adopt = Adopt(w, "uid-web")
    assert actuator.carry_out(adopt, lambda pods: True) == Outcome(done=True)
    assert api.objects[path]["metadata"]["ownerReferences"] == [
        git,
        {**reference, "uid": "uid-web"},
    ]
    held = observer.store.watch.get((w.namespace, object_name(w)))
    assert held and [r.uid for r in held.metadata.owner_references or ()] == ["uid-git", "uid-web"]
    api.set(path, api.objects[path])
    got = actuator.carry_out(adopt, lambda pods: True)
    assert not got.done and got.message.startswith("somebody wrote first: "), "and is asked again"


def test_a_podsize_that_is_gone_gets_no_owner() -> None:
    api = FakeGateway()
    actuator = Actuator(api, Observer(api, lambda key: None).store, Probe(api, "release"))
    got = actuator.carry_out(Adopt(workload(), "uid-web"), lambda pods: True)
    assert got == Outcome(done=False, message="the PodSize is gone")
    assert api.writes == []


class Answering(FakeGateway):
    """Answers each creation with an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def post(self, path: str, body: object, **query: str) -> bytes:
        raise self.error

    def put(self, path: str, body: object, **query: str) -> bytes:
        raise self.error


def carried_out(api: FakeGateway, action: Action) -> Outcome:
    actuator = Actuator(api, Observer(api, lambda key: None).store, Probe(api, "release"))
    return actuator.carry_out(action, lambda pods: True)


HOUSE = Forbidden(403, "Forbidden", "policy 'house' denied request: keep off")
BUSY = TooMany("TooManyRequests", "please try again later", 1.0)
CREATE = Create(workload(), "uid-web")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (
            Conflict(409, "AlreadyExists", "it exists"),
            Outcome(done=False, message="somebody wrote first: it exists"),
        ),
        (
            NotFound(404, "NotFound", "no namespace"),
            Outcome(done=False, message="gone meanwhile: no namespace"),
        ),
        (HOUSE, Outcome(done=False, reason=Reason.REFUSED, message=HOUSE.message)),
        (BUSY, Outcome(done=False, message="429 TooManyRequests: please try again later")),
        (
            Unreachable(0, "NewConnectionError", "refused"),
            Outcome(done=False, message="0 NewConnectionError: refused", unreached=True),
        ),
        (
            Unreachable(0, "ReadTimeoutError", "timed out"),
            Outcome(done=False, message="0 ReadTimeoutError: timed out"),
        ),
        (
            Unreachable(500, "InternalError", "etcd"),
            Outcome(done=False, message="500 InternalError: etcd"),
        ),
    ],
    ids=["exists", "gone", "refused", "busy", "away", "no answer in time", "its own error"],
)
def test_what_comes_of_an_answer(error: Exception, outcome: Outcome) -> None:
    assert carried_out(Answering(error), CREATE) == outcome


def test_a_status_that_is_refused_says_that_it_is_the_status() -> None:
    words = f"the PodSize's status may not be written: {HOUSE.message}"
    outcome = Outcome(done=False, reason=Reason.REFUSED, message=words, unwritten=True)
    assert carried_out(Answering(HOUSE), WRITE) == outcome


def test_a_podsize_is_made_for_its_workload_and_goes_with_it() -> None:
    api = FakeGateway()
    assert carried_out(api, CREATE) == Outcome(done=True)
    made, w = api.objects[object_path(workload())], workload()
    reference = {"apiVersion": w.api_version, "kind": w.kind, "name": w.name}
    assert (made["apiVersion"], made["kind"]) == ("podtailor.io/v1alpha1", "PodSize")
    assert made["metadata"]["name"] == object_name(w)
    assert made["metadata"]["namespace"] == w.namespace
    assert made["metadata"]["ownerReferences"] == [{**reference, "uid": "uid-web"}]
    assert made["spec"] == {"workloadRef": reference, "replicas": 1}


def test_without_surge_nothing_is_handed_over_and_to_wait_is_to_do_nothing() -> None:
    api = FakeGateway()
    hand_over = HandOver(workload(), "web-1", "u", "uid-ps", stored(), Status(), "7")
    said = Outcome(done=False, message="scaler.surge.enabled is false")
    assert carried_out(api, hand_over) == said
    assert carried_out(api, Wait()) == Outcome(done=True)
    assert api.calls == 0


def test_a_server_that_has_too_much_to_do_is_waited_for_where_a_pod_was_to_be_taken() -> None:
    class Busy(FakeGateway):
        def get(self, path: str, **query: str) -> bytes:
            raise BUSY

    evict = Evict(workload(), "web-1", "u", stored(), Status(), "7")
    words = "waiting: the API server has too much to do: please try again later"
    outcome = Outcome(done=False, reason=Reason.PENDING_REPLACEMENT, message=words)
    assert carried_out(Busy(), evict) == outcome


def test_a_status_is_written_as_a_whole() -> None:
    class Putting(FakeGateway):
        asked: list[Any] = []

        def put(self, path: str, body: object, **query: str) -> bytes:
            self.asked.append((path, body, query))
            reference = {"apiVersion": w.api_version, "kind": w.kind, "name": w.name}
            meta = {"name": object_name(w), "namespace": w.namespace}
            return msgspec.json.encode({"metadata": meta, "spec": {"workloadRef": reference}})

    api, w = Putting(), workload()
    assert carried_out(api, WRITE).done
    [(path, body, query)] = api.asked
    assert path == object_path(w, "status") and query == {}
    assert body == {
        "apiVersion": "podtailor.io/v1alpha1",
        "kind": "PodSize",
        "metadata": {"name": object_name(w), "resourceVersion": "7"},
        "status": status_to_json(WRITE.status),
    }
