"""The agents' port, over real TLS on this machine: the table of listener.py."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from agent.connection import connect
from link.lines import LONGEST_FROM_AGENT, line
from link.messages import VERSION, Counted, Hello, Pinned, Refused
from scaler.agents import listener
from scaler.agents.counting import Counting
from scaler.certificates.issuing import Pair, issue_ca, issue_leaf
from tests.unit.scaler.agents.conversation import (
    COUNTED,
    NAME,
    A,
    Conversation,
    answers,
    ended,
    listed,
    until,
)

HELLO = Hello(VERSION, "one", 1)
PINNED = Pinned(A, 0.5, 490.0, 500.0, 1.0)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Conversation]:
    made = Conversation(tmp_path)
    yield made
    made.end()


def test_an_agent_is_told_what_counts_and_what_it_says_arrives_at_once(talk: Conversation) -> None:
    agent = talk.agent()
    agent.say(HELLO)
    agent.flush()
    assert listed(answers(agent)[0]) == [A]
    agent.say(PINNED)
    began = time.monotonic()
    agent.flush()
    until(lambda: talk.pressed == 1)
    assert time.monotonic() - began < 0.5
    assert talk.listener.nodes == ["one"]
    agent.close()
    until(lambda: talk.listener.nodes == [])


def test_a_change_of_what_counts_reaches_it(talk: Conversation) -> None:
    agent = talk.agent()
    agent.say(HELLO)
    agent.flush()
    answers(agent)
    talk.reports.count(Counting({"one": [Counted("b" * 64, "uid-2")], "two": []}))
    talk.listener.recount()
    assert listed(answers(agent)[0]) == ["b" * 64]
    agent.close()


def test_what_was_held_up_on_its_way_is_counted_and_makes_nobody_look(
    talk: Conversation,
) -> None:
    agent = talk.agent()
    agent.say(HELLO)
    for at in (100.0, 94.0):
        agent.say(replace(PINNED, at=at))
    agent.flush()
    until(lambda: talk.listener.tally.late == 1)
    assert (talk.pressed, talk.listener.tally.pinned) == (1, 2)
    agent.close()


def test_another_version_is_refused_with_the_reason(talk: Conversation) -> None:
    agent = talk.agent()
    agent.say(Hello(VERSION + 1, "one"))
    agent.flush()
    (found,) = answers(agent)
    assert isinstance(found, Refused) and f"version {VERSION + 1}" in found.why
    assert ended(agent)
    assert talk.listener.nodes == [] and talk.listener.tally.refused == 1


def test_without_a_certificate_of_the_agents_authority_there_is_no_connection(
    talk: Conversation,
) -> None:
    other = issue_ca(time.time(), 3600.0)
    foreign = issue_leaf(other, ("agent",), time.time(), 3600.0, client=True)
    serving = issue_leaf(talk.ca, (NAME,), time.time(), 3600.0)
    late = issue_leaf(talk.ca, ("agent",), time.time() - 7200.0, 60.0, client=True)
    for leaf in (foreign, serving, late):
        assert _turned_away(talk, leaf), "another authority's, one that serves, one that has ended"
    assert talk.listener.nodes == [] and talk.pressed == 0


def _turned_away(talk: Conversation, leaf: Pair) -> bool:
    try:
        agent = connect(talk.peer(leaf=leaf))
    except ssl.SSLError:
        return True
    agent.say(HELLO)
    return ended(agent)


def test_an_agent_trusts_nobody_else_with_the_scaler_s_name(talk: Conversation) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(talk.peer(name="podtailor-scaler.elsewhere.svc"))
    peer = talk.peer()
    talk.certificates(trusted=issue_ca(time.time(), 3600.0).certificate)
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(peer)


@pytest.mark.parametrize(
    "text",
    [b"\n", b"GET / HTTP/1.1\r\n\r\n", b'{"type":"pinned"}\n', b"x" * (3 * LONGEST_FROM_AGENT)],
    ids=["nothing", "http", "half a message", "too long"],
)
def test_what_is_no_message_ends_the_connection_alone(talk: Conversation, text: bytes) -> None:
    good, bad = talk.agent(), talk.agent()
    good.say(HELLO)
    good.flush()
    answers(good)
    bad._out += line(Hello(VERSION, "two")) + text
    assert ended(bad)
    assert talk.listener.tally.malformed == 1
    good.say(PINNED)
    good.flush()
    until(lambda: talk.pressed == 1)
    good.close()


def test_before_a_hello_nothing_is_listened_to(talk: Conversation) -> None:
    agent = talk.agent()
    agent.say(PINNED)
    assert ended(agent)
    assert talk.pressed == 0


def test_the_newest_connection_of_a_node_counts(talk: Conversation) -> None:
    first, second = talk.agent(), talk.agent()
    for agent in (first, second):
        agent.say(HELLO)
        agent.flush()
        answers(agent)
    assert ended(first)
    second.say(PINNED)
    second.flush()
    until(lambda: talk.pressed == 1)
    assert talk.listener.nodes == ["one"]
    second.close()


def test_of_containers_that_do_not_count_nothing_is_kept(talk: Conversation) -> None:
    agent = talk.agent()
    agent.say(HELLO)
    for number in range(100):
        agent.say(Pinned(f"{number:064x}", 0.5, 1.0, 1.0))
    agent.flush()
    until(lambda: talk.listener.tally.unasked == 100)
    assert talk.pressed == 0
    agent.close()


def test_a_flood_slows_down_who_sends_it_and_nobody_else(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "BURST", 50.0)
    monkeypatch.setattr(listener, "RATE", 100.0)
    talk.reports.count(Counting({**COUNTED.nodes, "two": []}, COUNTED.bursting))
    flood, calm = talk.agent(), talk.agent()
    flood.say(Hello(VERSION, "two"))
    for _ in range(300):
        flood.say(PINNED)
    flood.flush()
    calm.say(HELLO)
    calm.flush()
    answers(calm)
    began = time.monotonic()
    calm.say(PINNED)
    calm.flush()
    until(lambda: talk.pressed == 1)
    assert time.monotonic() - began < 0.5
    assert talk.listener.tally.unasked < 150
    until(lambda: talk.listener.tally.unasked == 300)
    assert time.monotonic() - began > 1.5
    for agent in (flood, calm):
        agent.close()


def test_a_hundred_agents_at_once_lose_nothing(talk: Conversation) -> None:
    nodes = {
        f"n{n}": [Counted(f"{n:032x}{c:032x}", f"uid-{n}") for c in range(5)] for n in range(100)
    }
    bursting = frozenset(c.id for listed in nodes.values() for c in listed)
    talk.reports.count(Counting(nodes, bursting))
    agents, since = {}, {}
    for name in nodes:
        agent = agents[name] = talk.agent()
        agent.say(Hello(VERSION, name))
        agent.flush()
        answers(agent)
        since[name] = time.monotonic()
    began = time.monotonic()
    for name, agent in agents.items():
        for one in nodes[name]:
            agent.say(Pinned(one.id, 0.5, 490.0, 500.0, 1.0, at=began - since[name]))
        agent.flush()
    until(lambda: talk.pressed == 500)
    assert time.monotonic() - began < 1.0
    for agent in agents.values():
        agent.close()
