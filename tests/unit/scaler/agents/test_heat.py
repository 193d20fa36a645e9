"""Which node is slow, and what is said of it: the table of agents/heat.py."""

import pytest

from link.messages import NodeMinute
from scaler.agents import heat
from scaler.agents.counting import NodeSummary
from tests.unit.scaler.builders import NOW

AT = "at 2026-11-23T20:30:00Z"


def minute(
    clock: float | None = None, allowed: float | None = None, throttles: int | None = None
) -> NodeSummary:
    return NodeSummary(NOW, NodeMinute(60.0, clock, clock, allowed, throttles))


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (minute(throttles=1), "its hardware held CPUs back once in a minute"),
        (minute(throttles=12), "its hardware held CPUs back 12 times in a minute"),
        (minute(allowed=0.6), "its CPUs may run at 60 % of their highest clock only"),
        (
            minute(allowed=0.6, throttles=2),
            "its hardware held CPUs back 2 times in a minute and "
            "its CPUs may run at 60 % of their highest clock only",
        ),
    ],
)
def test_a_node_is_slow(found: NodeSummary, why: str) -> None:
    assert heat.slowed(found) == f"{AT} ({why})"


@pytest.mark.parametrize(
    "found",
    [None, minute(), minute(1.0, 1.0, 0), minute(allowed=heat.FULL), minute(clock=0.3)],
    ids=["not known", "nothing known", "fast", "as good as fast", "a governor's low clock"],
)
def test_a_node_is_not_slow_as_far_as_is_known(found: NodeSummary | None) -> None:
    assert heat.slowed(found) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "clock and heat not known"),
        (
            minute(0.9, 1.0),
            "in the last minute its fastest CPU ran at 90 % of its highest clock, 90 % at the "
            "lowest, 100 % allowed, held back by its hardware: not known",
        ),
        (minute(throttles=0), "in the last minute held back by its hardware: never"),
    ],
)
def test_what_is_known_of_a_node_is_said(found: NodeSummary | None, words: str) -> None:
    assert heat.shown(found) == words


def test_without_an_agent_nothing_is_known() -> None:
    assert heat.unknown("one") is None
