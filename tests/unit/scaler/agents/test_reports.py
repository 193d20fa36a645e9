"""What is remembered of what agents say: the table of reports.py."""

import pytest
from msgspec.structs import replace

from link.messages import Alive, Counted, FromAgent, Hello, Killed, Minute, NodeMinute, Pinned
from scaler.agents.counting import FRESH, SILENT, Counting, NodeSummary
from scaler.agents.reports import Reports
from tests.unit.scaler.builders import NOW
from tests.unit.scaler.running import running

A, B, C = "a" * 64, "b" * 64, "c" * 64
POD = running("web-1", {"nginx": A})
PINNED = Pinned(A, 0.5, 490.0, 500.0, 1.0)


@pytest.fixture
def reports() -> Reports:
    made = Reports()
    counted = {"one": [Counted(A, "uid-web-1")], "two": [Counted(B, "uid-web-2")]}
    made.count(Counting(counted, frozenset({A})))
    return made


def test_a_pinned_container_is_a_reason_to_look_at_once(reports: Reports) -> None:
    assert reports.take_in("one", PINNED, NOW) is True
    found = reports.pinned(POD, "nginx", NOW + 1)
    assert found and (found.said, found.received) == (PINNED, NOW)
    assert reports.pinned(POD, "other", NOW) is None


def test_without_the_annotation_it_is_none(reports: Reports) -> None:
    assert reports.take_in("two", Pinned(B, 0.5, 490.0, 500.0), NOW) is False


@pytest.mark.parametrize(
    "said", [Pinned(C, 0.5, 1.0, 1.0), Minute(C, 60.0, 1.0, 1.0), Killed(C, 1)], ids=str
)
def test_what_does_not_count_is_not_remembered(reports: Reports, said: FromAgent) -> None:
    assert reports.take_in("one", said, NOW) is None
    assert reports.kills() == 0


def test_an_agent_speaks_for_its_own_node_alone(reports: Reports) -> None:
    assert reports.take_in("two", PINNED, NOW) is None
    assert reports.pinned(POD, "nginx", NOW) is None


@pytest.mark.parametrize(("later", "fresh"), [(FRESH, True), (FRESH + 0.1, False), (-60.0, False)])
def test_it_says_nothing_of_later(reports: Reports, later: float, fresh: bool) -> None:
    reports.take_in("one", PINNED, NOW)
    assert (reports.pinned(POD, "nginx", NOW + later) is not None) is fresh


def test_doubled_and_late_messages_add_nothing(reports: Reports) -> None:
    for at in (NOW, NOW + 1, NOW + 1):
        reports.take_in("one", PINNED, at)
    found = reports.pinned(POD, "nginx", NOW + 1)
    assert found and found.received == NOW + 1


def test_what_was_held_up_counts_as_of_when_it_was_sent(reports: Reports) -> None:
    assert reports.take_in("one", PINNED, NOW, FRESH - 0.1) is True
    assert reports.pinned(POD, "nginx", NOW) is not None
    assert reports.pinned(POD, "nginx", NOW + 0.2) is None


def test_what_was_held_up_for_too_long_is_no_news(reports: Reports) -> None:
    assert reports.take_in("one", PINNED, NOW, FRESH) is False
    assert reports.pinned(POD, "nginx", NOW) is None


def test_an_older_message_that_comes_later_changes_nothing(reports: Reports) -> None:
    newer = Pinned(A, 1.5, 490.0, 500.0, 1.0)
    assert reports.take_in("one", newer, NOW) is True
    assert reports.take_in("one", PINNED, NOW + 0.5, 1.0) is False
    assert reports.take_in("one", newer, NOW + 0.5, 0.5) is False, "and the same again"
    found = reports.pinned(POD, "nginx", NOW + 1)
    assert found and (found.said, found.received) == (newer, NOW)


def test_after_our_clock_has_stepped_back_news_are_news(reports: Reports) -> None:
    reports.take_in("one", PINNED, NOW + 3600.0)
    assert reports.take_in("one", PINNED, NOW) is True


def test_minutes_and_kills(reports: Reports) -> None:
    minute = Minute(A, 60.0, 10.0, 490.0, 0.1)
    assert reports.take_in("one", minute, NOW) is False
    found = reports.summary(POD, "nginx", NOW + 89.0)
    assert found and (found.said, found.received) == (minute, NOW)
    for _ in range(2):
        reports.take_in("one", Killed(A, 2), NOW)
    assert reports.kills() == 4


@pytest.mark.parametrize("later", [SILENT, -SILENT])
def test_the_minute_of_a_silent_agent_is_none(reports: Reports, later: float) -> None:
    reports.take_in("one", Minute(A, 60.0, 10.0, 490.0), NOW)
    assert reports.summary(POD, "nginx", NOW + later) is None
    assert reports.summary(POD, "other", NOW) is None


def test_of_doubled_and_late_minutes_the_newest_counts(reports: Reports) -> None:
    for peak, late in ((490.0, 0.0), (490.0, 1.0), (400.0, 61.0)):
        reports.take_in("one", Minute(A, 60.0, 10.0, peak), NOW, late)
    found = reports.summary(POD, "nginx", NOW)
    assert found and (found.said.peak, found.received) == (490.0, NOW)
    assert reports.known() == 1


def test_what_no_longer_counts_is_forgotten(reports: Reports) -> None:
    reports.take_in("one", PINNED, NOW)
    reports.take_in("one", Killed(A, 2), NOW)
    reports.count(Counting({"two": [Counted(B, "uid-web-2")]}))
    assert reports.pinned(POD, "nginx", NOW) is None
    assert reports.kills() == 0


@pytest.mark.parametrize("said", [Alive(), Hello(1, "one")], ids=str)
def test_what_is_about_no_container_is_no_news(reports: Reports, said: FromAgent) -> None:
    assert reports.take_in("one", said, NOW) is False


def test_a_container_that_does_not_run_has_no_id(reports: Reports) -> None:
    reports.take_in("one", PINNED, NOW)
    assert reports.pinned(running("web-1", {"nginx": A}, runs=False), "nginx", NOW) is None


def test_when_an_agent_was_last_heard_of_is_known_of_nodes_that_count(reports: Reports) -> None:
    for node in ("one", "elsewhere"):
        reports.take_in(node, Alive(), NOW)
    assert (reports.last_said("one"), reports.last_said("elsewhere")) == (NOW, None)
    reports.count(Counting())
    assert reports.last_said("one") is None


NODE = NodeMinute(60.0, 0.9, 0.5, 0.8, 2)


def test_a_nodes_minute_is_remembered_for_as_long_as_it_says_something(reports: Reports) -> None:
    assert reports.take_in("one", NODE, NOW) is False
    assert reports.node("one", NOW + SILENT - 1) == NodeSummary(NOW, NODE)
    assert reports.node("one", NOW + SILENT) is None
    assert reports.node("two", NOW) is None
    assert reports.nodes(NOW) == [NodeSummary(NOW, NODE)]


def test_a_node_without_a_container_that_counts_is_not_asked(reports: Reports) -> None:
    assert reports.take_in("elsewhere", NODE, NOW) is None
    reports.take_in("one", NODE, NOW)
    reports.count(Counting({"two": [Counted(B, "uid-web-2")]}))
    assert reports.nodes(NOW) == []


def test_of_doubled_and_late_minutes_of_a_node_the_newest_counts_once(reports: Reports) -> None:
    for said, late in ((NODE, 0.0), (NODE, 1.0), (replace(NODE, throttles=50), 61.0)):
        reports.take_in("one", said, NOW, late)
    assert reports.node("one", NOW) == NodeSummary(NOW, NODE)
    assert reports.throttles == 2
