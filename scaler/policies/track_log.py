"""What the log of changes says of earlier steps of one resource. Pure.

Steps up that follow each other within half an hour are one *climb*: the first was not enough. How
many climbs there were decides how long a container must be pinned before it gets more (see
track_cpu.py), and the size before a climb is the floor of what may be taken back while little is
known. The log is in the status, so a restart of the scaler forgets neither.
"""

from collections.abc import Iterator, Sequence

from kube import timestamps
from store import amounts
from store.reasons import Reason
from store.records import Change

CLIMB = 1800.0
"""Seconds in which one step up belongs to the one before."""

_UP = (Reason.TRACKED, Reason.DOUBLED, Reason.THROTTLED)


def steps_up(
    changes: Sequence[Change], container: str, resource: str
) -> Iterator[tuple[float, Change]]:
    """The steps up of a resource by policies, newest first, with their times."""
    for c in changes:
        if (c.container, c.resource) == (container, resource) and c.reason in _UP and grew(c):
            at = timestamps.seconds(c.at)
            if at is not None:
                yield at, c


def climb(
    changes: Sequence[Change], container: str, resource: str, now: float
) -> tuple[int, str | None]:
    """How many steps the present climb has made, and the size before it; (0, None): there is none.

    A time of our clock in the future counts as now: clocks step back.
    """
    count, before, last = 0, None, now
    for at, change in steps_up(changes, container, resource):
        if last - at > CLIMB:
            break
        count, before, last = count + 1, change.before, at
    return count, before


def climbs(changes: Sequence[Change], container: str, resource: str, since: float) -> int:
    """How many climbs began after a time (seconds since the epoch)."""
    count, last = 0, None
    for at, _ in steps_up(changes, container, resource):
        if at < since:
            break
        if last is None or last - at > CLIMB:
            count += 1
        last = at
    return count


def risen_to(changes: Sequence[Change], container: str, resource: str) -> str | None:
    """The size before the newest climb; None where the newest change of it was no step up."""
    mine = [c for c in changes if (c.container, c.resource) == (container, resource)]
    if not mine or not grew(mine[0]):
        return None
    at = timestamps.seconds(mine[0].at)
    return None if at is None else climb(mine, container, resource, at)[1]


def grew(change: Change) -> bool:
    """Whether it made the size larger."""
    before, after = _values(change)
    return before < after


def shrank(change: Change) -> bool:
    """Whether it made the size smaller."""
    before, after = _values(change)
    return before > after


def _values(change: Change) -> tuple[int, int]:
    parse = amounts.RESOURCES[change.resource].parse
    before, after = (parse(t) if t else 0 for t in (change.before, change.after))
    return before, after
