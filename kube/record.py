"""What a Lease says and what follows from it. Pure: no clock is read here.

| the record                                              | step                      |
| ------------------------------------------------------- | ------------------------- |
| none, never seen                                        | TAKE (make it)            |
| nobody holds it                                         | TAKE                      |
| ours (also of this identity before a restart)           | RENEW                     |
| another's, unchanged for less than it promises          | WAIT                      |
| another's, unchanged for longer                         | TAKE                      |
| another's, then deleted                                 | WAIT that long, then TAKE |

"Unchanged" is judged by our own clock, from when we first saw the record as it is: no two
machines' clocks are ever compared.
"""

from enum import StrEnum

import msgspec

_PROMISE = 15.0  # seconds, of a record that does not say


class Step(StrEnum):
    """What to do next."""

    TAKE = "take"
    RENEW = "renew"
    WAIT = "wait"


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """A Lease's spec. The two times are for people."""

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


def next_step(record: Record | None, observed: float, now: float, identity: str) -> Step:
    """See the table; `observed`: when we first saw this very record, `now`: both our clock."""
    if record is None or not record.holder_identity:
        return Step.TAKE
    if record.holder_identity == identity:
        return Step.RENEW
    promised = record.lease_duration_seconds or _PROMISE
    return Step.TAKE if now - observed >= promised else Step.WAIT


def written(old: Record | None, identity: str, seconds: int, now: str) -> Record:
    """The record with which `identity` takes or renews; `now`: RFC 3339."""
    if old is None:
        return Record(identity, seconds, now, now, 0)
    if old.holder_identity == identity:
        return Record(identity, seconds, old.acquire_time, now, old.lease_transitions)
    return Record(identity, seconds, now, now, (old.lease_transitions or 0) + 1)
