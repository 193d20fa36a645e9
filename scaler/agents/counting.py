"""Which containers node agents sample, and what they say of one. Frozen values."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from link.messages import Counted, Minute, Pinned

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


class Counting(Struct, frozen=True):
    """Which containers count: those of each node, and which of them may be raised at once."""

    nodes: Mapping[str, Sequence[Counted]] = field(default_factory=dict)
    bursting: frozenset[str] = frozenset()
