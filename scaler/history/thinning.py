"""Keeps the history small: minutes become quarters of an hour after a day, and go after eight.

| figure of a quarter            | is                                                     |
| ------------------------------ | ------------------------------------------------------ |
| seconds                        | of its minutes together: what nobody measured is not in it |
| mean of the CPU, throttled     | the mean of its minutes                                |
| largest CPU, memory            | the largest of its minutes                             |

Each write does little of it, so that none takes long, and a clock that is wrong for a minute (it
jumps ahead by years) costs an hour of the history and not all of it. Where the file gets too large,
the oldest goes earlier.
"""

import sqlite3
from math import ceil

DAY = 86400
KEPT = 8 * DAY
"""Seconds after which nothing is left."""
QUARTER = 900
_AT_ONCE = 4  # quarters that one write merges, and times that it removes
_NEARLY = 0.9  # share of the size from which the oldest goes
_PART = 50  # the part of the times that then goes with one write

_MERGE = f"""
INSERT OR REPLACE INTO minutes
SELECT ?1, container, min(sum(seconds), {QUARTER}),
    CAST(round(1.0 * sum(cpu_mean * seconds) / sum(seconds)) AS INTEGER), max(cpu_max),
    CAST(round(1.0 * sum(throttled * seconds) /
        sum(CASE WHEN throttled IS NOT NULL THEN seconds END)) AS INTEGER),
    max(memory), max(working_set)
FROM minutes WHERE at >= ?1 AND at < ?1 + {QUARTER} GROUP BY container
"""
_OLDEST = "(SELECT min(at) FROM times)"
_FORGET_CHANGES = f"DELETE FROM changes WHERE at < {_OLDEST}"
_SUPERSEDED = f"""
DELETE FROM sizes WHERE at < {_OLDEST} AND EXISTS (
    SELECT 1 FROM sizes later
    WHERE later.container = sizes.container AND later.at > sizes.at AND later.at <= {_OLDEST})
"""
_NAMELESS = f"""
DELETE FROM containers
WHERE last < {_OLDEST} - {2 * QUARTER} AND id NOT IN (SELECT container FROM changes)
"""


def thin(file: sqlite3.Connection, now: float, most: int) -> None:
    """One step of it, as part of the transaction of a write; `most`: bytes."""
    for quarter in _due(file, now):
        _merge(file, quarter)
    old = "SELECT at FROM times WHERE at < ? ORDER BY at LIMIT ?"
    gone = [at for (at,) in file.execute(old, (now - KEPT, _AT_ONCE))]
    if occupied(file) > _NEARLY * most:
        count = file.execute("SELECT count(*) FROM times").fetchone()[0]
        oldest = "SELECT at FROM times ORDER BY at LIMIT ?"
        gone = [at for (at,) in file.execute(oldest, (ceil(count / _PART),))]
    for at in gone:
        file.execute("DELETE FROM minutes WHERE at = ?", (at,))
        file.execute("DELETE FROM times WHERE at = ?", (at,))
    if gone:
        file.execute(_FORGET_CHANGES)
        file.execute(_SUPERSEDED)
        file.execute(_NAMELESS)
        file.execute("DELETE FROM sizes WHERE container NOT IN (SELECT id FROM containers)")


def occupied(file: sqlite3.Connection) -> int:
    """Bytes of the file that hold something."""
    pages, free, size = (
        int(file.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _due(file: sqlite3.Connection, now: float) -> list[int]:
    """The oldest quarters that are a day old, and still have minutes."""
    asked = f"""
    SELECT DISTINCT at / {QUARTER} * {QUARTER} AS quarter FROM times
    WHERE at % {QUARTER} != 0 AND quarter < ? ORDER BY quarter LIMIT {_AT_ONCE}
    """
    return [quarter for (quarter,) in file.execute(asked, (now - DAY - QUARTER,))]


def _merge(file: sqlite3.Connection, quarter: int) -> None:
    file.execute(_MERGE, (quarter,))
    for table in ("minutes", "times"):
        asked = f"DELETE FROM {table} WHERE at > ? AND at < ?"
        file.execute(asked, (quarter, quarter + QUARTER))
    file.execute("INSERT OR IGNORE INTO times VALUES (?)", (quarter,))
