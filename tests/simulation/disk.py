"""The scaler's history in a simulated cluster: what is written outlives its processes.

The real tables and all that reads and writes them, in memory; only the thread and the file are
left out, as nothing else in a simulated cluster waits for a disk either.
"""

import sqlite3

from scaler.history import recall, schema
from scaler.history.entry import Entry
from scaler.history.recall import Recalled
from scaler.history.recorder import Recorder
from scaler.history.writing import Writer

_MOST = 64 * 2**20


def made() -> sqlite3.Connection:
    """An empty one."""
    file = sqlite3.connect(":memory:", isolation_level=None)
    file.executescript(schema.TABLES)
    return file


class Disk(Recorder):
    """One process' hold of it."""

    def __init__(self, file: sqlite3.Connection, window: float) -> None:
        super().__init__("", _MOST, window, lambda degraded: None)
        self._file, self._long = file, window
        self._writer_of_it: Writer | None = None

    def recalled(self, timeout: float) -> Recalled:
        return recall.recalled(self._file, self._long)

    def write(self, entry: Entry) -> None:
        super().write(entry)
        try:
            self._own().write(entry)
        except sqlite3.IntegrityError:  # another process has written in between
            self._writer_of_it = None
            self._own().write(entry)

    def beat(self, data: bytes) -> None:
        self._own().beat(data)

    def _own(self) -> Writer:
        if self._writer_of_it is None:
            self._writer_of_it = Writer(self._file, _MOST)
        return self._writer_of_it
