"""Which containers node agents sample, and what they say of one. Frozen values."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from link.messages import Counted, Pinned

FRESH = 5.0
"""Seconds for which it says something of now that a container was pinned."""


class Pin(Struct, frozen=True, gc=False):
    """A container that was pinned, and when we got to know, in seconds since the epoch."""

    received: float
    said: Pinned


class Counting(Struct, frozen=True):
    """Which containers count: those of each node, and which of them may be raised at once."""

    nodes: Mapping[str, Sequence[Counted]] = field(default_factory=dict)
    bursting: frozenset[str] = frozenset()
