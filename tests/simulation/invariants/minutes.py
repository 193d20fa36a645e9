"""What a container used in a minute, by the true clock."""

from collections.abc import Callable

from tests.simulation.counters import Counter
from tests.simulation.world import World

OLDEST = 90.0
"""Seconds since a reading was received."""
_MINUTE = (59.9, 120.1)


Counts = Callable[[float, float], bool]
"""Whether a minute counts, by its begin and end."""


def counts(world: World, counter: Counter, kind: str | None) -> Counts:
    """Of a kind of node: only minutes in which the container's node was of that kind throughout."""
    if kind is None:
        return lambda begin, end: True
    return lambda begin, end: world.kinds.was(counter.node, kind, begin, end)


def at_limit(
    counter: Counter,
    since: float,
    warm: float,
    base: int | None,
    counted: Counts = lambda begin, end: True,
) -> bool:
    """Whether some minute of a container was at its limit.

    `since`: no minute counts that ended before; `warm`: seconds after the start that say nothing.
    """
    first = counter.started + max(59.4, warm)
    looks = [look for look in counter.looks if look[0] >= first]
    for end, used in reversed(looks):
        if end < since:
            return False
        for begin, before in looks:
            if _MINUTE[0] <= end - begin <= _MINUTE[1]:
                mean = (used - before) / (end - begin) * 1000
                if base and mean >= 0.9 * base - 1 and counted(begin, end):
                    return True
    return False
