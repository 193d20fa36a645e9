"""A Lease's record and the next step that follows from it. Pure: no clock is read here.

| the record                                              | step                      |
| ------------------------------------------------------- | ------------------------- |
| there is none, and never was                            | TAKE (create it)          |
| no holder                                               | TAKE                      |
| held by us (also by this identity before a restart)     | RENEW                     |
| held by another, unchanged for less than its duration   | WAIT                      |
| held by another, unchanged for longer                   | TAKE                      |
| held by another, then deleted                           | WAIT that long, then TAKE |

"Unchanged" is measured by our own clock, from when we first saw the current record: the clocks of
two machines are never compared.
"""

from enum import StrEnum

import msgspec

_PROMISE = 15.0  # seconds: the duration of a record that gives none


class Step(StrEnum):
    """What to do next."""

    TAKE = "take"
    RENEW = "renew"
    WAIT = "wait"


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """A Lease's spec. The two times are informational."""

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


def next_step(record: Record | None, observed: float, now: float, identity: str) -> Step:
    """See the table. `observed`: when we first saw exactly this record; `now`: same clock."""
    if record is None or not record.holder_identity:
        return Step.TAKE
    if record.holder_identity == identity:
        return Step.RENEW
    promised = record.lease_duration_seconds or _PROMISE
    return Step.TAKE if now - observed >= promised else Step.WAIT


def written(old: Record | None, identity: str, seconds: int, now: str) -> Record:
    """The record with which `identity` acquires or renews the Lease; `now`: RFC 3339."""
    if old is None:
        return Record(identity, seconds, now, now, 0)
    if old.holder_identity == identity:
        return Record(identity, seconds, old.acquire_time, now, old.lease_transitions)
    return Record(identity, seconds, now, now, (old.lease_transitions or 0) + 1)
