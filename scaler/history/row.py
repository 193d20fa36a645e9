"""What the history knows of one container in one stretch of time, and how it is stored. Pure.

A container of a workload is one container in each of its replicas. What is stored is of the replica
that has most of it, since that is what decides; other replicas use no more.

| in the file                | is                                        | loses at most |
| -------------------------- | ----------------------------------------- | ------------- |
| CPU, tenths of a millicore | the nearest                               | 0.05 m        |
| throttled, thousandths     | the nearest                               | 0.05 %        |
| memory, KiB                | rounded up, so that no need looks smaller | 1,023 bytes   |

So a stretch takes some 30 bytes.
"""

from msgspec import Struct

_TENTHS = 10
_THOUSANDTHS = 1000
_KIB = 1024


class Row(Struct, frozen=True, gc=False):
    """A minute, or a quarter of an hour when it is older than a day.

    `at`: its start, in seconds since the epoch. CPU in millicores, memory in bytes. None: that was
    not known, or is not set; it never means zero.
    """

    at: int
    seconds: int
    cpu_mean: float
    """The replica that used most; of a quarter, the mean of its minutes."""
    cpu_max: float
    """The largest mean between two readings of any replica, some 10 s apart."""
    throttled: float | None = None
    """Share of the CFS periods that were throttled, 0 to 1, of the replica that was most."""
    memory: int | None = None
    """The most that could not be reclaimed."""
    working_set: int | None = None
    """The largest working set: `memory`, and the page cache that was used lately."""
    cpu_request: int | None = None
    cpu_limit: int | None = None
    memory_request: int | None = None
    memory_limit: int | None = None


Stored = tuple[int, float, float, float | None, int | None, int | None]
"""`seconds`, `cpu_mean`, `cpu_max`, `throttled`, `memory`, `working_set`, as in the file."""
SizeInForce = tuple[int | None, int | None, int | None, int | None]
"""CPU request and limit in millicores, memory request and limit in bytes."""
UNSIZED: SizeInForce = (None, None, None, None)


def stored(row: Row) -> Stored:
    """A row's figures as they are in the file, by the table above."""
    return (
        row.seconds,
        round(row.cpu_mean * _TENTHS),
        round(row.cpu_max * _TENTHS),
        None if row.throttled is None else round(row.throttled * _THOUSANDTHS),
        None if row.memory is None else -(-row.memory // _KIB),
        None if row.working_set is None else -(-row.working_set // _KIB),
    )


def read(at: int, figures: Stored, size: SizeInForce) -> Row:
    """The row of which these are the figures."""
    seconds, mean, most, throttled, memory, working_set = figures
    return Row(
        at,
        seconds,
        mean / _TENTHS,
        most / _TENTHS,
        None if throttled is None else throttled / _THOUSANDTHS,
        None if memory is None else memory * _KIB,
        None if working_set is None else working_set * _KIB,
        *size,
    )
