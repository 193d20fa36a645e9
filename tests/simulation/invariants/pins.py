"""What the node agents of a simulated cluster can have said, by the true clock."""

from kube import quantity
from store.records import Change
from tests.simulation import facts
from tests.simulation.agents import NEEDED, PACE
from tests.simulation.invariants.about import Writing
from tests.simulation.perturbing import CLOCK_STEPS

_NEWS = 9.0
"""Seconds for which news count: FRESH, and what a first message may have been held up."""
_ROUNDED = 10
LIES = "agents: lying"


def reported(w: Writing, change: Change) -> bool:
    """Whether an agent can have said, a moment before the decision, that the container was at the
    limit that the change is from."""
    agents, name = w.world.agents, change.container
    if agents is None or not bursting(w):
        return False
    if w.world.perturbed & {*CLOCK_STEPS, LIES}:
        return True  # by another clock it was a moment ago; or somebody said what is not so
    limit, began = quantity.cpu(change.before or "0"), w.subject.true_began
    for counter in w.world.kubelets.counters.all.get((w.new.workload.name, name), []):
        known = agents.sampled.get(counter.known)
        for begin, end, at in known.pins if known else ():
            lasted = min(end, began) - begin
            news = lasted > (NEEDED - 1.5) * PACE and end > began - _NEWS
            if news and abs(at - limit) <= _ROUNDED:
                return True
    return False


def for_a_burst(w: Writing) -> bool:
    """Whether some step up of this write may be for a burst: it carries all others that are due."""
    lines = [c for c in w.new.status.changes if c not in w.old.status.changes]
    ups = [c for c in lines if c.resource == "cpu" and grew(c)]
    return any(reported(w, change) for change in ups)


def grew(change: Change) -> bool:
    """Whether it is a step up."""
    return quantity.cpu(change.before or "0") < quantity.cpu(change.after or "0")


def bursting(w: Writing) -> bool:
    """Whether the workload asks for bursts, as the scaler had to know."""
    return w.known is not None and facts.annotation(w.known, "burst") == "on"
