"""What may be said of a node's heat."""

import re

from tests.simulation.invariants.about import Writing
from tests.simulation.invariants.registry import when_writing
from tests.simulation.perturbing import CLOCK_STEPS

_SLOW = re.compile(r"; node (\S+) was slow at ")
_NEWS = 90.0 + 60.0 + 45.0
"""Seconds for which an agent's minute counts, of a minute, and on its way at most."""


@when_writing("a node is called slow only where it ran a pod of it, and was slowed a moment ago")
def slow_nodes_are_slow(w: Writing) -> str | None:
    found = _SLOW.search(w.new.status.message)
    if found is None or w.new.status.message == w.old.status.message:
        return None
    node, now, agents = found[1], w.world.timeline.now, w.world.agents
    if agents is None or w.world.perturbed & CLOCK_STEPS:
        return None if agents else f"without an agent: {w.new.status.message}"
    counters, name = w.world.kubelets.counters.all, w.new.workload.name
    ran = any(c.node == node for (app, _), all in counters.items() if app == name for c in all)
    return None if ran and agents.heat.was(node, now - _NEWS, now) else w.new.status.message
