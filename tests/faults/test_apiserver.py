"""The API server and etcd: down, hanging, with a lost history, or unreachable for the scaler."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kube.gateway import Gateway
from tests.e2e.programs import Program, Programs
from tests.faults.conftest import beyond, component, embedded_only, for_a_while
from tests.faults.form import FULL
from tests.faults.scaler import SILENCE
from tests.faults.trial import Trial
from tests.faults.wire import Wire

SERVERS = ("etcd", "apiserver")


@pytest.fixture
def servers() -> Iterator[None]:
    """Both serve again afterwards, whatever happens."""
    yield
    for name in SERVERS:
        component("start", name)


AWAY = {
    "the API server is away": ("kill", "apiserver"),
    "etcd is restarted": ("kill", "etcd"),
    "the API server accepts and never answers": ("pause", "apiserver"),
}


@embedded_only
@pytest.mark.parametrize("what", AWAY)
def test_a_server(trial: Trial, servers: None, what: str) -> None:
    verb, name = AWAY[what]
    trial.begin()
    component(verb, name)
    for_a_while(8, 120)
    component("resume" if verb == "pause" else "start", name)
    component("start", "apiserver")  # returns when it serves
    trial.heals()
    trial.unharmed(what, within=90)


@pytest.fixture
def wire(gateway: Gateway, tmp_path: Path) -> Iterator[Wire]:
    made = Wire(gateway, tmp_path)
    yield made
    made.close()


@pytest.fixture
def wired(programs: Programs, wire: Wire, tmp_path: Path) -> Iterator[Program]:
    """The scaler behind the wire, instead of the usual one."""
    usual = programs.scaler
    usual.stop()
    silence = {} if FULL else {SILENCE: "6"}
    environment = {**usual.environment, "KUBECONFIG": str(wire.kubeconfig), **silence}
    made = replace(usual, environment=environment, log=tmp_path / "wired.log", process=None)
    made.start()
    yield made
    made.kill()
    usual.start()


def test_the_watches_fall_silent(wired: Program, wire: Wire, trial: Trial) -> None:
    """This fault is not ended: the scaler itself has to notice."""
    trial.begin()
    assert wire.silence() >= 8
    trial.heals()
    trial.unharmed("the watches fall silent", within=150 if FULL else 60)


def test_the_watches_are_answered_410(wired: Program, wire: Wire, trial: Trial) -> None:
    trial.begin()
    for _ in range(3):
        assert wire.forget() >= 8
        for_a_while(1, 10)
    trial.heals()
    trial.unharmed("every watch is answered 410, three times")


@beyond
def test_the_scaler_is_cut_off(wired: Program, wire: Wire, trial: Trial) -> None:
    trial.begin()
    wire.cut()
    for_a_while(5, 120)
    wire.mend()
    trial.heals()
    trial.unharmed("the scaler alone cannot reach the API server")
