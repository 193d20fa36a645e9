"""The metrics of the node agents, read from where things are counted; only where there are any."""

from collections.abc import Callable, Iterator
from functools import partial

from prometheus_client import CollectorRegistry, Gauge, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from scaler.agents import heat
from scaler.agents.listener import Listener
from scaler.agents.reports import Reports

_KINDS = ("pinned", "unasked", "late", "malformed", "refused")


def register(registry: CollectorRegistry, listener: Listener) -> None:
    """Add them to the scaler's."""
    connected = Gauge(
        "podtailor_agents_connected", "Nodes whose agents are connected", registry=registry
    )
    connected.set_function(lambda: len(listener.nodes))
    kills = Gauge(
        "podtailor_agent_kills",
        "Processes killed for want of memory in the containers that are counted now",
        registry=registry,
    )
    kills.set_function(listener.reports.kills)
    registry.register(HeatCollector(listener.reports, listener.clock))
    messages = Gauge(
        "podtailor_agent_messages",
        "Messages of node agents since the start, by what they were",
        ["kind"],
        registry=registry,
    )
    for kind in _KINDS:
        messages.labels(kind).set_function(partial(getattr, listener.tally, kind))


class HeatCollector(Collector):
    """Clocks and heat of the nodes with enrolled pods; absent where no node says anything."""

    def __init__(self, reports: Reports, clock: Callable[[], float]) -> None:
        self._reports, self._clock = reports, clock

    def collect(self) -> Iterator[Metric]:
        """As of now."""
        found = self._reports.nodes(self._clock())
        if found:
            slow = "Nodes that heat, or another limit of their clocks, slowed in the last minute"
            number = sum(heat.slowed(one) is not None for one in found)
            yield GaugeMetricFamily("podtailor_agent_slow_nodes", slow, number)
            held = "How often nodes' hardware held CPUs back, since the start"
            total = self._reports.throttles
            yield CounterMetricFamily("podtailor_agent_hardware_throttles", held, total)
        clocks = [one.said.clock for one in found if one.said.clock is not None]
        if clocks:
            clock = "Clock of the fastest CPU over its highest, of the node where that is lowest"
            yield GaugeMetricFamily("podtailor_agent_lowest_clock_ratio", clock, min(clocks))
