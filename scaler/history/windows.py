"""The long windows (scaler/usage/long_window.py) in the file: exactly as they were.

A window has some kilobytes, of which one minute changes little. So each is written whole about once
an hour, in turns, and each minute only what was added to it:

| table     | has                                                                            |
| --------- | ------------------------------------------------------------------------------ |
| `windows` | each window as of some minute of the last hour                                 |
| `used`    | the minutes since, until each window was written again                         |
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from scaler.usage import long_window
from scaler.usage.long_window import LongWindow, Slot, Used

_AGAIN = 3600.0  # seconds after which a window is written again
_TURNS = 30  # minutes in which all of them can be written
_LEAST = 8  # that may be written in one minute

Windows = Mapping[int, LongWindow]
"""By the number of the container."""


class WindowWriter:
    """Writes what has changed since it last did, or since the file was opened."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._whole: dict[int, float] = dict(file.execute("SELECT container, at FROM windows"))
        """As of when each was written."""
        self._known: dict[int, Slot] = {}
        """The newest slot of each, as of the last write."""
        self._at = dict(self._whole)
        """The newest minute that is in the file."""
        newest = file.execute("SELECT container, max(at) FROM used GROUP BY container")
        self._at.update((key, max(at, self._at.get(key, at))) for key, at in newest)

    def write(self, windows: Windows) -> None:
        """As part of the transaction of a write."""
        grown = {k: w for k, w in windows.items() if self._known.get(k) is not w.slots[-1]}
        added = (r for k, w in grown.items() for r in self._new(k, w))
        self._file.executemany("INSERT OR REPLACE INTO used VALUES (?, ?, ?, ?, ?)", added)
        self._at.update((k, w.at) for k, w in grown.items())
        self._write_whole(windows)
        gone = [(k,) for k in self._whole if k not in windows]
        for table in ("windows", "used") if gone else ():
            self._file.executemany(f"DELETE FROM {table} WHERE container = ?", gone)
        for (key,) in gone:
            del self._whole[key]
        self._known = {k: w.slots[-1] for k, w in windows.items()}
        if len(self._whole) == len(windows):
            self._file.execute("DELETE FROM used WHERE at < ?", (self._needed(),))

    def _new(self, key: int, window: LongWindow) -> Iterator[tuple[object, ...]]:
        """The rows that the file lacks; the last minute is written again, as memory is added."""
        last, before = window.slots[-1], self._at.get(key, -float("inf"))
        for at, cpu in window.recent:
            if at > before or at == window.at:
                yield at, key, cpu, last.memory, last.needed

    def _write_whole(self, windows: Windows) -> None:
        never = -float("inf")
        old = [k for k, w in windows.items() if w.at - self._whole.get(k, never) >= _AGAIN]
        old.sort(key=lambda k: self._whole.get(k, never))
        turn = old[: max(_LEAST, len(windows) // _TURNS)]
        encoded = ((k, windows[k].at, msgspec.msgpack.encode(windows[k])) for k in turn)
        self._file.executemany("INSERT OR REPLACE INTO windows VALUES (?, ?, ?)", encoded)
        self._whole.update((k, windows[k].at) for k in turn)

    def _needed(self) -> float:
        return min(self._whole.values(), default=float("inf"))


def read(file: sqlite3.Connection, seconds: float) -> dict[int, LongWindow]:
    """All windows; `seconds`: what each may hold. Raises ValueError, sqlite3.Error."""
    decoder = msgspec.msgpack.Decoder(LongWindow)
    found = {
        k: decoder.decode(data) for k, data in file.execute("SELECT container, data FROM windows")
    }
    for at, key, *used in file.execute("SELECT * FROM used ORDER BY at"):
        window = _with(found.get(key), at, used, seconds)
        if window is not None:
            found[key] = window
    return found


def _with(
    window: LongWindow | None, at: float, used: Sequence[object], seconds: float
) -> LongWindow | None:
    cpu, memory, needed = msgspec.convert(used, tuple[float, int, int | None])
    if window is None or at > window.at:
        return long_window.added(window, Used(cpu, memory, needed), at, seconds)
    return long_window.held(window, memory, needed) if at == window.at else window
