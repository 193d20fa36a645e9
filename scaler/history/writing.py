"""Writes of the history, each one transaction: all of a minute, and readings as they come.

What is in the file already is remembered, so that a minute in which nothing but usage changes is
nothing but a row for each container.
"""

import sqlite3
from collections.abc import Iterable, Mapping

from kube import timestamps
from scaler.history import beats, thinning
from scaler.history.entry import Entry, Rows
from scaler.history.gone import MOST, Gone
from scaler.history.row import SizeInForce, stored
from scaler.history.windows import WindowWriter
from scaler.sizing.remembered import LongWindows
from scaler.usage.long_window import LongWindow
from store.model import Workload
from store.records import Change

_NEW = """
INSERT INTO containers (api_version, kind, namespace, workload, container, last)
VALUES (?, ?, ?, ?, ?, ?)
"""
_FORGET_GONE = f"""
DELETE FROM gone WHERE at < ? OR at <= (SELECT at FROM gone ORDER BY at DESC LIMIT 1 OFFSET {MOST})
"""
_NEWEST_SIZES = """
SELECT container, max(at), cpu_request, cpu_limit, memory_request, memory_limit
FROM sizes GROUP BY container
"""

Key = tuple[Workload, str]


class Writer:
    """Writes to an open file. After an error its memory is not the file's any more: open it again.

    `most`: bytes that the file may have.
    """

    def __init__(self, file: sqlite3.Connection, most: int) -> None:
        self._file = file
        self._most = most
        asked = "SELECT id, api_version, kind, namespace, workload, container FROM containers"
        self._keys: dict[Key, int] = {
            (Workload(*of), name): key for key, *of, name in file.execute(asked)
        }
        self._sizes: dict[int, SizeInForce] = {
            key: (size[0], size[1], size[2], size[3])
            for key, _, *size in file.execute(_NEWEST_SIZES)
        }
        self._changes: Mapping[Workload, tuple[Change, ...]] = {}
        self._gone: Mapping[Workload, Gone] = {}
        self._windows = WindowWriter(file)
        self._marked = 0

    def beat(self, data: bytes) -> None:
        """The newest readings, see beats.py. Raises sqlite3.Error."""
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            made = self._file.execute("INSERT INTO beats (data) VALUES (?)", (data,))
            last = (made.lastrowid or 0) - beats.KEPT
            self._file.execute("DELETE FROM beats WHERE number <= ?", (last,))

    def write(self, entry: Entry) -> None:
        """The whole entry, or nothing. Raises sqlite3.Error."""
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            self._add_names(entry)
            self._write_rows(entry.rows)
            self._write_changes(entry)
            self._write_gone(entry)
            if entry.state:
                self._file.execute("INSERT OR REPLACE INTO state VALUES (1, ?)", (entry.state,))
            if entry.long is not None:
                long = ((self._keys[w, name], window) for w, name, window in _flat(entry.long))
                self._windows.write(dict(long))
            if entry.rows:
                thinning.thin(self._file, entry.now, self._most)
        self._changes, self._gone = entry.changes or self._changes, entry.gone

    def _add_names(self, entry: Entry) -> None:
        changed = ((w, c.container) for w, lines in entry.changes.items() for c in lines)
        known = ((w, name) for w, name, _ in _flat(entry.long or {}))
        for key in {**entry.rows, **dict.fromkeys(known), **dict.fromkeys(changed)}:
            if key not in self._keys:
                workload, name = key
                of = (workload.api_version, workload.kind, workload.namespace, workload.name)
                made = self._file.execute(_NEW, (*of, name, int(entry.now)))
                self._keys[key] = int(made.lastrowid or 0)

    def _write_rows(self, rows: Rows) -> None:
        by_key = {self._keys[key]: row for key, row in rows.items()}
        self._file.executemany(
            "INSERT OR REPLACE INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((row.at, key, *stored(row)) for key, row in by_key.items()),
        )
        times = {row.at for row in rows.values()}
        self._file.executemany("INSERT OR IGNORE INTO times VALUES (?)", ((at,) for at in times))
        new: list[tuple[object, ...]] = []
        for key, row in by_key.items():
            size = row.cpu_request, row.cpu_limit, row.memory_request, row.memory_limit
            if self._sizes.get(key) != size:
                self._sizes[key] = size
                new.append((key, row.at, *size))
        self._file.executemany("INSERT OR REPLACE INTO sizes VALUES (?, ?, ?, ?, ?, ?)", new)
        self._mark(by_key, max(times, default=0))

    def _mark(self, keys: Iterable[int], at: int) -> None:
        """Until when there is something of a container, to a quarter of an hour."""
        if at // thinning.QUARTER != self._marked:
            self._marked = at // thinning.QUARTER
            last = ((at, key) for key in keys)
            self._file.executemany("UPDATE containers SET last = ? WHERE id = ?", last)

    def _write_changes(self, entry: Entry) -> None:
        since = entry.now - thinning.KEPT
        new = (
            line
            for workload, lines in entry.changes.items()
            if self._changes.get(workload) is not lines
            for line in self._lines(workload, lines)
        )
        self._file.executemany(
            "INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
            (line for line in new if line[1] >= since),
        )

    def _write_gone(self, entry: Entry) -> None:
        if not entry.gone or entry.gone is self._gone:
            return
        self._file.executemany(
            "INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (w.namespace, w.name, w.kind, w.api_version, int(one.at), *_said(one))
                for w, one in entry.gone.items()
            ),
        )
        self._file.execute(_FORGET_GONE, (entry.now - thinning.KEPT,))

    def _lines(
        self, workload: Workload, lines: Iterable[Change]
    ) -> Iterable[tuple[int, float, str, int, str | None, str | None, str]]:
        for c in lines:
            at = timestamps.seconds(c.at)
            if at is not None:
                key = self._keys[workload, c.container]
                yield key, int(at), c.resource, c.revision, c.before, c.after, str(c.reason)


def _said(one: Gone) -> tuple[str, str, str, str]:
    return one.phase, one.reason, one.message, one.changed


def _flat(long: Mapping[Workload, LongWindows]) -> Iterable[tuple[Workload, str, LongWindow]]:
    return ((w, name, window) for w, windows in long.items() for name, window in windows.items())
