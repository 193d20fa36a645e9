"""The metrics of node agents: clocks and heat, where any node says something of them."""

import pytest
from prometheus_client import CollectorRegistry

from link.messages import Counted, NodeMinute
from scaler.agents.counting import Counting
from scaler.agents.listener import Listener
from scaler.agents.reports import Reports
from scaler.reporting import agent_metrics
from tests.unit.scaler.builders import NOW

SLOW = "podtailor_agent_slow_nodes"
CLOCK = "podtailor_agent_lowest_clock_ratio"
HELD = "podtailor_agent_hardware_throttles_total"


@pytest.fixture
def reports() -> Reports:
    made = Reports()
    names = ("one", "two", "three")
    made.count(Counting({n: [Counted(f"{i:064x}", "uid")] for i, n in enumerate(names)}))
    return made


@pytest.fixture
def registry(reports: Reports) -> CollectorRegistry:
    made = CollectorRegistry()
    agent_metrics.register(made, Listener(reports, lambda: NOW, lambda: None))
    return made


def test_where_no_node_says_anything_there_is_nothing(registry: CollectorRegistry) -> None:
    assert [registry.get_sample_value(name) for name in (SLOW, CLOCK, HELD)] == [None] * 3
    assert registry.get_sample_value("podtailor_agents_connected") == 0


def test_nodes_with_throttles_alone_have_no_clock(
    reports: Reports, registry: CollectorRegistry
) -> None:
    reports.take_in("one", NodeMinute(60.0, throttles=4), NOW)
    found = [registry.get_sample_value(name) for name in (SLOW, CLOCK, HELD)]
    assert found == [1, None, 4]


def test_the_lowest_clock_and_the_number_of_slow_nodes(
    reports: Reports, registry: CollectorRegistry
) -> None:
    reports.take_in("one", NodeMinute(60.0, 0.9, 0.9, 0.5, 2), NOW)
    reports.take_in("two", NodeMinute(60.0, 0.7, 0.6, 1.0, 0), NOW)
    reports.take_in("three", NodeMinute(60.0, 1.0, 1.0, 1.0, 3), NOW)
    found = [registry.get_sample_value(name) for name in (SLOW, CLOCK, HELD)]
    assert found == [2, 0.7, 5]
