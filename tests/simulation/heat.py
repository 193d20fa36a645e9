"""Nodes that slow down in the heat: what runs there takes more CPU time for the same work.

A node's agent says of each minute what its kernel would say, and the whole truth is kept. A cool
node says that nothing holds it back, and half of them that their CPUs have little to do.
"""

from dataclasses import dataclass, field
from random import Random

from link.messages import NodeMinute

SECONDS = 60.0
_IDLE = 0.4


@dataclass
class Heat:
    """Of all nodes. `speeds`: of those that are slowed, the share of their highest clock."""

    chance: Random
    speeds: dict[str, float] = field(default_factory=dict)
    spans: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """By node, the true seconds from which until when it was slowed."""

    def comes(self, node: str, speed: float, now: float, seconds: float) -> None:
        """A node is slowed from now on for so long."""
        self.speeds[node] = speed
        self.spans.setdefault(node, []).append((now, now + seconds))

    def ends(self, node: str) -> None:
        """It has cooled down."""
        self.speeds.pop(node, None)

    def said(self, node: str) -> NodeMinute:
        """What its agent says of a minute."""
        speed = self.speeds.get(node)
        if speed is None:
            clock = _IDLE if self.chance.random() < 0.5 else 1.0
            return NodeMinute(SECONDS, clock, clock, 1.0, 0)
        return NodeMinute(SECONDS, speed, speed, speed, self.chance.choice([0, 3]))

    def was(self, node: str, since: float, now: float) -> bool:
        """Whether it was slowed at some time between the two."""
        return any(begin <= now and end >= since for begin, end in self.spans.get(node, ()))
