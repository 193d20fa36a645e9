"""The agent's loop against the scaler's real port: it reports, and comes back."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.sampler import Sampler
from agent.tree import mounted
from agent.watch import Agent, dated
from link.messages import FromAgent, Killed, Minute, NodeMinute, Pinned
from tests.unit.agent.cgroups import POD, Node
from tests.unit.scaler.agents.conversation import A, Conversation, until


class Running:
    """An agent in a thread, on a node with one busy container that counts."""

    def __init__(self, talk: Conversation, folder: Path) -> None:
        self.node = Node(folder, 1)
        self.node.write(A, 0)
        self.stop = threading.Event()
        sampler = Sampler(mounted(folder), 5, time.monotonic)
        self.agent = Agent("one", talk.peer(), sampler)
        self.thread = threading.Thread(target=self.agent.run, args=(self.stop,))
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(5)

    def burns(self, talk: Conversation) -> bool:
        """Its whole quota, until the scaler knows."""
        began, deadline = time.monotonic(), time.monotonic() + 10
        while not talk.pressed and time.monotonic() < deadline:
            used = int((time.monotonic() - began) * 500_000)
            self.node.write(A, used, periods=used // 50_000, throttled=used // 50_000)
            time.sleep(0.01)
        return talk.pressed > 0


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Conversation]:
    (tmp_path / "tls").mkdir()
    made = Conversation(tmp_path / "tls")
    nodes = {"one": [type(c)(A, POD) for c in made.reports.counting.nodes["one"]]}
    made.reports.count(type(made.reports.counting)(nodes, frozenset({A})))
    yield made
    made.end()


def test_a_busy_container_is_reported_over_the_wire(talk: Conversation, tmp_path: Path) -> None:
    (tmp_path / "cgroup").mkdir()
    running = Running(talk, tmp_path / "cgroup")
    try:
        until(lambda: running.agent.sampler.sampled == 1)
        assert running.burns(talk)
        assert talk.listener.nodes == ["one"]
    finally:
        running.end()
    until(lambda: talk.listener.nodes == [])


def test_where_the_connection_breaks_it_comes_back(talk: Conversation, tmp_path: Path) -> None:
    (tmp_path / "cgroup").mkdir()
    running = Running(talk, tmp_path / "cgroup")
    try:
        until(lambda: running.agent.sampler.sampled == 1)
        (writer,) = talk.listener._agents.values()
        assert talk.listener._loop is not None
        talk.listener._loop.call_soon_threadsafe(writer.transport.abort)
        until(lambda: talk.listener.nodes == [])
        until(lambda: talk.listener.nodes == ["one"])
        until(lambda: running.agent.sampler.sampled == 1)
    finally:
        running.end()


@pytest.mark.parametrize(
    ("said", "has"),
    [
        (Pinned(A, 0.5, 490.0, 500.0), Pinned(A, 0.5, 490.0, 500.0, at=7.5)),
        (Minute(A, 60.0, 1.0, 2.0), Minute(A, 60.0, 1.0, 2.0, at=7.5)),
        (NodeMinute(60.0, 0.5), NodeMinute(60.0, 0.5, at=7.5)),
        (Killed(A, 1), Killed(A, 1)),
    ],
    ids=["pinned", "minute", "node", "killed"],
)
def test_a_message_says_how_long_after_the_connection_began_it_was_sent(
    said: FromAgent, has: FromAgent
) -> None:
    assert dated(said, 7.5) == has
