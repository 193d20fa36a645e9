"""Which containers node agents sample, what they say of one, and how much they have said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct, field

from link.messages import Counted, Minute, NodeMinute, Pinned

FRESH = 5.0
"""Seconds for which it says something of now that a container was pinned."""
SILENT = 90.0
"""Seconds after which a minute's summary says nothing of now: the next one should have come."""


class Pin(Struct, frozen=True, gc=False):
    """A container that was pinned; `received`: when that was sent, in seconds of our own clock."""

    received: float
    said: Pinned


class Summary(Struct, frozen=True, gc=False):
    """A container's last minute by its agent; `received` as of a `Pin`."""

    received: float
    said: Minute


class NodeSummary(Struct, frozen=True, gc=False):
    """A node's last minute by its agent; `received` as of a `Pin`."""

    received: float
    said: NodeMinute


class Counting(Struct, frozen=True):
    """Which containers count: those of each node, and which of them may be raised at once."""

    nodes: Mapping[str, Sequence[Counted]] = field(default_factory=dict)
    bursting: frozenset[str] = frozenset()


@dataclass
class Tally:
    """What agents have sent since the start, counted for the metrics.

    `unasked`: about containers that do not count. `late`: too late to say anything of now.
    """

    pinned: int = 0
    unasked: int = 0
    late: int = 0
    malformed: int = 0
    refused: int = 0
