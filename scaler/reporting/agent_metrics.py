"""The metrics of the node agents, read from where things are counted; only where there are any."""

from functools import partial

from prometheus_client import CollectorRegistry, Gauge

from scaler.agents.listener import Listener

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
    messages = Gauge(
        "podtailor_agent_messages",
        "Messages of node agents since the start, by what they were",
        ["kind"],
        registry=registry,
    )
    for kind in _KINDS:
        messages.labels(kind).set_function(partial(getattr, listener.tally, kind))
