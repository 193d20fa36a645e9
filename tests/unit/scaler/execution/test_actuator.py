"""What is checked again just before an action is carried out."""

from msgspec.structs import replace

from kube import objects
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe
from scaler.model import Write
from scaler.watches import Observer
from store.model import Status
from store.naming import object_name, object_path
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
