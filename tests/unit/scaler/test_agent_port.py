"""The agents' port over the scaler's life: open on the leader, with what is in force."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent.connection import Connection, Peer, connect
from link.messages import VERSION, Hello
from scaler import agent_port
from scaler.agent_port import AgentPort
from scaler.agents.listener import Listener
from scaler.agents.reports import Reports
from scaler.certificates.agents import AgentTrust
from tests.unit.scaler.agents.conversation import COUNTED, answers, ended, free_port, until
from tests.unit.scaler.certificates.trusted import CA, LEAF, SECRETS, SETTINGS, Cluster

NAMES = ("scaler", "scaler.system", "scaler.system.svc")


@dataclass
class Scaler:
    """The port in a thread."""

    folder: Path
    cluster: Cluster = field(default_factory=Cluster)
    leads: bool = True
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.stop = threading.Event()
        reports = Reports()
        reports.count(COUNTED)
        self.listener = Listener(reports, time.time, lambda: None)
        terms = replace(SETTINGS, service="agent")
        trust = AgentTrust(self.cluster, terms, NAMES)
        made = AgentPort(
            trust, self.listener, lambda: self.leads, "127.0.0.1", self.port, time.time
        )
        self.thread = threading.Thread(target=made.run, args=(self.stop,))
        self.thread.start()

    def agent(self) -> Connection:
        """An agent with what its kubelet has brought."""
        for name, text in self.cluster.data(LEAF).items():
            (self.folder / name).write_bytes(text)
        found = connect(Peer(NAMES[-1], ("127.0.0.1",), self.port, self.folder))
        found.say(Hello(VERSION, "one"))
        found.flush()
        return found

    def connects(self) -> bool:
        """Whether an agent finds it, and learns what counts."""
        try:
            found = self.agent()
        except (OSError, FileNotFoundError):
            return False
        answers(found)
        found.close()
        return True


@pytest.fixture
def scaler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scaler]:
    monkeypatch.setattr(agent_port, "_LOOK", 0.05)
    monkeypatch.setattr(agent_port, "_SOON", 0.05)
    made = Scaler(tmp_path)
    yield made
    made.stop.set()
    made.thread.join(10)


def test_agents_find_it_with_what_it_has_made(scaler: Scaler) -> None:
    until(scaler.connects)


def test_who_does_not_lead_does_not_listen(scaler: Scaler) -> None:
    until(scaler.connects)
    agent = scaler.agent()
    answers(agent)
    scaler.leads = False
    assert ended(agent)
    until(lambda: not scaler.connects())
    scaler.leads = True
    until(scaler.connects)


def test_a_new_authority_is_in_force_without_a_restart(scaler: Scaler) -> None:
    until(scaler.connects)
    scaler.cluster.set_data(CA)
    scaler.cluster.set_data(LEAF)
    until(lambda: "ca.crt" in scaler.cluster.data(LEAF))
    until(scaler.connects)


def test_a_missing_secret_is_logged_once(scaler: Scaler, caplog: pytest.LogCaptureFixture) -> None:
    until(scaler.connects)
    scaler.cluster.remove(SECRETS + LEAF)
    time.sleep(0.5)
    found = [r for r in caplog.records if r.message == "agents are not listened to"]
    assert len(found) == 1
