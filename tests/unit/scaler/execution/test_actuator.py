"""What is looked at again just before an action is carried out."""

from dataclasses import replace

from kube import objects
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe
from scaler.model import Write
from scaler.watches import Observer
from store.model import Status
from tests.fakes import FakeGateway
from tests.unit.scaler.builders import stored, workload

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
