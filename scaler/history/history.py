"""Reads the history. Any thread may: each question has a connection of its own, and writes nothing.

The file may be set aside or deleted at any time; the next question reads what is there then.
"""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kube import timestamps
from scaler.history import recall, row, schema
from scaler.history.gone import Gone
from scaler.history.recall import Recalled
from scaler.history.row import UNSIZED, Row, SizeInForce
from store.model import Workload
from store.reasons import Reason
from store.records import Change

_WAIT = 5.0  # seconds for a lock
_FIGURES = "m.seconds, m.cpu_mean, m.cpu_max, m.throttled, m.memory, m.working_set"
_WORKLOAD = "namespace = ? AND workload = ? AND kind = ? AND api_version = ?"
_MINUTES = f"""
SELECT m.at, {_FIGURES} FROM times t JOIN minutes m ON m.at = t.at AND m.container = ?
WHERE t.at >= ? AND t.at < ? ORDER BY t.at
"""
_ALL = f"""
SELECT m.container, m.at, {_FIGURES} FROM minutes m
WHERE m.at >= ? AND m.at < ? ORDER BY m.at, m.container
"""
_CHANGES = f"""
SELECT c.at, c.revision, k.container, c.resource, c.before, c.after, c.reason
FROM containers k JOIN changes c ON c.container = k.id
WHERE {_WORKLOAD} AND c.at >= ? AND c.at < ? ORDER BY c.at DESC, k.container, c.resource
"""
_GONE = """
SELECT api_version, kind, namespace, workload, at, phase, reason, message, changed
FROM gone ORDER BY at
"""
_KNOWN = frozenset(Reason)
"""A later release may have written others."""


class HistoryError(Exception):
    """The file cannot be read; the message says why, in one line."""


class History:
    """The history in the file at `path`; no path, or no file there: an empty one."""

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def there(self) -> bool:
        """Whether there is something to read from."""
        return bool(self.path) and Path(self.path).exists()

    def named(self, workload: Workload, since: float, until: float) -> tuple[str, ...]:
        """Containers of a workload of which only somebody else knows: of a file, none."""
        return ()

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> tuple[Row, ...]:
        """What began from `since` on and before `until` (seconds since the epoch), oldest first.

        Raises HistoryError.
        """
        with self._connection() as found:
            known = _key_of(found, workload, container)
            if known is None:
                return ()
            sizes = _Sizes(found, known)
            rows = found.execute(_MINUTES, (known, since, until))
            return tuple(row.read(at, tuple(rest), sizes.at(known, at)) for at, *rest in rows)

    def changes(self, workload: Workload, since: float, until: float) -> tuple[Change, ...]:
        """The changes of all its containers, newest first. Raises HistoryError."""
        with self._connection() as found:
            rows = found.execute(_CHANGES, (*_columns(workload), since, until))
            return tuple(
                Change(timestamps.text(at), revision, name, resource, before, after, Reason(reason))
                for at, revision, name, resource, before, after, reason in rows
                if reason in _KNOWN
            )

    def containers(self) -> tuple[tuple[Workload, str], ...]:
        """All workloads and containers of which there is something. Raises HistoryError."""
        with self._connection() as found:
            return tuple(_names(found).values())

    def gone(self) -> dict[Workload, Gone]:
        """The last words on workloads that are gone, or came back; oldest first.

        Raises HistoryError.
        """
        with self._connection() as found:
            rows = found.execute(_GONE).fetchall()
        return {Workload(*row[:4]): Gone(*row[4:]) for row in rows}

    def all(self, since: float, until: float) -> Iterator[tuple[Workload, str, Row]]:
        """The minutes of all containers, oldest first. Raises HistoryError."""
        with self._connection() as found:
            names, sizes = _names(found), _Sizes(found)
            for key, at, *figures in found.execute(_ALL, (since, until)):
                workload, container = names[key]
                yield workload, container, row.read(at, tuple(figures), sizes.at(key, at))

    def recalled(self, window: float) -> Recalled:
        """What a scaler would take up now; `window`: seconds. Raises HistoryError."""
        with self._connection() as found:
            return recall.recalled(found, window)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """For one question, which sees one state of the file; its failures as HistoryError."""
        try:
            with closing(_opened(self.path)) as found:
                found.execute("BEGIN")
                yield found
        except sqlite3.Error as e:
            raise HistoryError(f"the history at {self.path} cannot be read: {e}") from e


class _Sizes:
    """The sizes in force over time, of one container or of all."""

    def __init__(self, found: sqlite3.Connection, key: int | None = None) -> None:
        self._since: dict[int, list[int]] = {}
        self._sizes: dict[int, list[SizeInForce]] = {}
        one = ("", ()) if key is None else ("WHERE container = ?", (key,))
        for of, at, *size in found.execute(f"SELECT * FROM sizes {one[0]}", one[1]):
            self._since.setdefault(of, []).append(at)
            self._sizes.setdefault(of, []).append((size[0], size[1], size[2], size[3]))

    def at(self, key: int, at: int) -> SizeInForce:
        """Request and limit at a time."""
        place = bisect_right(self._since.get(key, []), at)
        return self._sizes[key][place - 1] if place else UNSIZED


def _opened(path: str) -> sqlite3.Connection:
    if not path or not Path(path).exists():
        empty = sqlite3.connect(":memory:")
        empty.executescript(schema.TABLES)
        return empty
    found = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", timeout=_WAIT, uri=True)
    version = found.execute("PRAGMA user_version").fetchone()[0]
    if version != schema.VERSION:
        found.close()
        raise HistoryError(f"the history at {path} is of version {version}, not {schema.VERSION}")
    return found


def _columns(workload: Workload) -> tuple[str, str, str, str]:
    return workload.namespace, workload.name, workload.kind, workload.api_version


def _key_of(found: sqlite3.Connection, workload: Workload, container: str) -> int | None:
    asked = f"SELECT id FROM containers WHERE {_WORKLOAD} AND container = ?"
    one = found.execute(asked, (*_columns(workload), container)).fetchone()
    return None if one is None else int(one[0])


def _names(found: sqlite3.Connection) -> dict[int, tuple[Workload, str]]:
    asked = "SELECT id, api_version, kind, namespace, workload, container FROM containers"
    return {key: (Workload(*of), name) for key, *of, name in found.execute(asked)}
