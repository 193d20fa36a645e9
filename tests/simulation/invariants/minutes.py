"""What a container used in a minute, by the true clock."""

from tests.simulation.counters import Counter

OLDEST = 90.0
"""Seconds since a reading was received."""
_MINUTE = (59.9, 120.1)


def at_limit(counter: Counter, since: float, warm: float, base: int | None) -> bool:
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
                if base and mean >= 0.9 * base - 1:
                    return True
    return False
