"""What a node's agent says of its clocks and its heat, in words; and which node is slow. Pure.

| in the last minute                                        | the node was slow                    |
| --------------------------------------------------------- | ------------------------------------ |
| the hardware held a CPU back, once or more                | yes                                  |
| a CPU was allowed less than 95 % of its highest clock, by | yes: the same CPU time does less     |
| cooling of the kernel, or by somebody's setting           | work                                 |
| its fastest CPU ran slowly, and neither of the two        | no: a governor lowers the clock of   |
|                                                           | CPUs that have little to do          |
| nothing is known, or the agent is silent                  | not known: nothing is said           |
"""

from collections.abc import Callable

from kube import timestamps
from scaler.agents.counting import NodeSummary

FULL = 0.95
"""Share of the highest clock from which a CPU is not held at a lower one."""

HeatOf = Callable[[str], NodeSummary | None]
"""Of a node, the last minute of its clocks and its heat."""


def unknown(node: str) -> NodeSummary | None:
    """Where there is no agent."""
    return None


def slowed(found: NodeSummary | None) -> str | None:
    """Why a node is slowed, and when; None: it is not, as far as is known."""
    if found is None:
        return None
    why, said = [], found.said
    if said.throttles:
        why.append(f"its hardware held CPUs back {_times(said.throttles)} in a minute")
    if said.allowed is not None and said.allowed < FULL:
        why.append(f"its CPUs may run at {_share(said.allowed)} of their highest clock only")
    return f"at {timestamps.text(found.received)} ({' and '.join(why)})" if why else None


def sentence(node: str, why: str) -> str:
    """What is added to what is said of a container at its limit there. It has the time, as a status
    is not written again only because that is over."""
    return f"; node {node} was slow {why}, so this limit does less there"


def shown(found: NodeSummary | None) -> str:
    """What is known, for who asks for it."""
    if found is None:
        return "clock and heat not known"
    parts, said = [], found.said
    if said.clock is not None:
        parts.append(f"its fastest CPU ran at {_share(said.clock)} of its highest clock")
    if said.lowest is not None:
        parts.append(f"{_share(said.lowest)} at the lowest")
    if said.allowed is not None:
        parts.append(f"{_share(said.allowed)} allowed")
    held = "not known" if said.throttles is None else _times(said.throttles)
    parts.append(f"held back by its hardware: {held}")
    return f"in the last minute {', '.join(parts)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times" if number else "never"


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"
