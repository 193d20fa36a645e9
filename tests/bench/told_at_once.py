"""A hundred node agents, each with five pinned containers, at the same moment: are all decided?

Real agents' connections over TLS, the real port and the real loop, over an API server in memory
that answers at once: what is measured is the scaler's own time, until the last of 500 sizes is in
the store. A real API server takes a few milliseconds for each of them on top.
"""

import contextlib
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from agent.connection import Connection
from link.messages import VERSION, Hello, Pinned
from scaler.node_agents import NodeAgents
from tests.bench.cycle import Town, container_id
from tests.bench.results import Figure, Measured, median, rounded
from tests.fakes import Json
from tests.unit.scaler.agents.conversation import Conversation, answers, until

AGENTS, EACH = 100, 5
ROUNDS = 5
MOST = 1.0
"""Seconds."""
_LIMIT = 1000.0
_PATIENCE = 30.0

Agents = dict[str, tuple[Connection, float]]
"""By node; and when each began, in seconds of the monotonic clock."""


def measure() -> Measured:
    """About half a minute."""
    taken = [_round() for _ in range(ROUNDS)]
    decided, received, used = ([t[n] for t in taken] for n in range(3))
    return Measured(
        [
            Figure("from 100 agents: the last of 500 decided, median", _text(decided), "s", MOST),
            Figure("longest", round(max(decided), 3), "s", MOST),
            Figure("until the last message was received", _text(received), "s"),
            Figure("CPU time of it, agents and API server of the test included", _text(used), "s"),
            Figure("lost", 0, "", 0),
        ],
        {"agents": AGENTS, "containers each": EACH, "rounds": ROUNDS},
        {"decided": rounded(decided, 3), "received": rounded(received, 3), "CPU": rounded(used, 3)},
    )


def _text(seconds: list[float]) -> float:
    return round(median(seconds), 3)


def _round() -> tuple[float, float, float]:
    """Seconds until the last was decided, and until it was received, and CPU seconds of all.

    Raises AssertionError where one was lost.
    """
    with ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory()))
        talk = Conversation(folder)
        undo.callback(talk.end)
        town = Town(AGENTS, AGENTS * EACH, 1, strategy="resize", burst="on")
        town.settle()
        agents = _connected(town, talk)
        for agent, _ in agents.values():
            undo.callback(agent.close)
        stop = threading.Event()
        runs = threading.Thread(target=town.loop.run, args=(stop,))
        undo.callback(runs.join, _PATIENCE)
        undo.callback(town.loop.wake.set)
        undo.callback(stop.set)
        runs.start()
        time.sleep(1.0)
        began, used = time.monotonic(), time.process_time()
        _say(town, agents)
        until(lambda: talk.listener.tally.pinned == AGENTS * EACH, _PATIENCE)
        received = time.monotonic() - began
        _until_decided(town, agents)
        return time.monotonic() - began, received, time.process_time() - used


def _until_decided(town: Town, agents: Agents) -> None:
    """While it lasts, agents say it again each second. Raises AssertionError where one is lost."""
    for _ in range(int(_PATIENCE)):
        with contextlib.suppress(AssertionError):
            until(lambda: _decided(town), 1.0)
            return
        _say(town, agents)
    assert _decided(town), "one was lost"


def _connected(town: Town, talk: Conversation) -> Agents:
    """An agent on each node, which knows what counts."""
    loop, started = town.loop, time.monotonic()
    first = town.now

    def clock() -> float:
        return first + time.monotonic() - started

    node_agents = NodeAgents(talk.reports, talk.listener.recount)

    def pressed() -> None:
        node_agents.pressed.set()
        loop.wake.set()

    loop.clock = talk.listener.clock = clock
    loop.around.agents = node_agents
    talk.listener.pressed = pressed
    town.cycle()
    agents: Agents = {}
    for node in (f"node-{number}" for number in range(AGENTS)):
        agent = talk.agent()
        agents[node] = agent, time.monotonic()
        agent.say(Hello(VERSION, node))
        agent.flush()
        answers(agent)
    return agents


def _say(town: Town, agents: Agents) -> None:
    for number, (_, pod) in enumerate(town.pods):
        agent, since = agents[f"node-{number % AGENTS}"]
        at = time.monotonic() - since
        agent.say(Pinned(container_id(pod), 0.5, 0.98 * _LIMIT, _LIMIT, 1.0, at))
    for agent, _ in agents.values():
        agent.flush()


def _decided(town: Town) -> bool:
    """Whether each workload's stored size is twice what it was. The last one is looked at first."""
    return all(_limit(town.podsize(name)) == "2" for name in reversed(town.names))


def _limit(podsize: Json) -> str:
    return str(podsize["status"]["size"]["containers"][0]["limits"]["cpu"])
