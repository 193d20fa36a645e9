"""Steps down that were undone soon after: what is not tried again for a while. Pure.

A program that burns CPU for minutes after each start needs little afterwards: by its quiet it would
be halved, by the start-up of the smaller pod doubled, and so on without end, a restart each time.
So what was raised again soon after a step down is not stepped down to again, nor to anything else
below what it was raised to.

| what the log says, as far as it goes back        | a step down to less than it was raised to     |
| ------------------------------------------------ | --------------------------------------------- |
| lowered, and raised within half an hour          | waits a day from the raise on                 |
| the same for the second, third time and so on    | waits two, four days and so on, at most 32    |
| lowered, and raised later than that              | is allowed: the load has grown                |
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from kube import timestamps
from scaler.policies import table
from store import amounts
from store.records import Change

SOON = 1800.0
"""Seconds within which a raise shows that the step down was wrong."""
WAIT = 86_400.0
"""Seconds after the first such raise; doubled with each further one."""
LONGEST = 32 * WAIT


class Regret(Struct, frozen=True):
    """A resource was raised to `value` at `at` (seconds since 1970), soon after a step down."""

    value: int
    at: float


def regrets(changes: Sequence[Change], container: str, resource: str) -> list[Regret]:
    """By the log, newest first as it is."""
    mine = [c for c in changes if (c.container, c.resource) == (container, resource)]
    return list(_regrets(mine, resource))


def forbidden(
    changes: Sequence[Change], container: str, resource: str, now: float
) -> tuple[int, float] | None:
    """Below which value there is no step down yet, and until when; None: any is allowed."""
    found = regrets(changes, container, resource)
    standing = []
    for one in found:
        times = sum(r.value >= one.value for r in found if r.at <= one.at)
        until = one.at + min(WAIT * 2.0 ** (times - 1), LONGEST)
        if now < until:
            standing.append((one.value, until))
    return max(standing, default=None)


def _regrets(mine: Sequence[Change], resource: str) -> Iterator[Regret]:
    """Each step down with the next step up after it, if that came soon."""
    raised: Regret | None = None
    for change in mine:
        at = timestamps.seconds(change.at)
        if at is None:
            continue
        if table.lowered(change):
            if raised is not None and raised.at - at <= SOON:
                yield raised
            raised = None
        elif change.reason in table.REASONS and change.after:
            raised = Regret(amounts.RESOURCES[resource].parse(change.after), at)
