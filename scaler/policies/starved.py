"""A container that is killed before it has a minute, throttled all the time. Pure.

Its liveness probe does not wait for a program that gets too little CPU to answer. It never has a
minute, so no rule about minutes would help it.

| a contributing pod's container without a minute       | outcome                             |
| ----------------------------------------------------- | ----------------------------------- |
| was killed twice, not for memory, and is throttled in | `Throttled`, at most twice in a row |
| most periods since its start                          |                                     |
| the same, though it was raised twice for that         | none: the probe fails whatever it   |
|                                                       | has                                 |
| was not killed twice, is not throttled, or its node   | none                                |
| does not say; or it has no limit                      |                                     |
"""

from scaler.policies.policy import Container, Usage
from scaler.policies.quiet import MOST
from scaler.usage.window import NoMinute
from store.amounts import Base
from store.reasons import Reason

KILLS = 2
"""Kills of a container, by a probe or a user, after which it is not waited for its first minute."""
HELPS = 2
"""Steps up in a row for that reason."""


def why(container: Container, base: Base, usage: Usage) -> str | None:
    """What is to be said of it; None: it is no such container."""
    if base.limit is None:
        return None
    contributing = {id(m) for m in usage.minutes}
    for one in (p for p in usage.pods if id(p.minute) in contributing):
        share = one.minute.throttled if isinstance(one.minute, NoMinute) else None
        if one.killed >= KILLS and share is not None and share > MOST:
            pair = container.name, "cpu"
            mine = [c.reason for c in usage.changes if (c.container, c.resource) == pair]
            if mine[:HELPS] == [Reason.THROTTLED] * HELPS:
                return None
            return (
                f"{container.name} was started {one.killed} times again before its first minute "
                f"was over, and was throttled in {100 * share:.0f} % of its periods since"
            )
    return None
