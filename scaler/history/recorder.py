"""Keeps the history's file in a thread of its own: a disk that hangs holds up no decision.

Read once, before the first cycle; written once a minute, and when the scaler stops; readings are
written as they come. Whatever goes wrong is one line in the log and a metric, until it is over.
What could not be written is lost, and decisions go on from memory.
"""

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial

from scaler.history import beats, file, recall
from scaler.history.entry import Entry, slot
from scaler.history.recall import Recalled
from scaler.history.writing import Writer

logger = logging.getLogger(__name__)


class Recorder:
    """The history at `path`; `most`: bytes of the file; `window`: seconds that long windows hold.

    `degraded` is called with whether something is wrong.
    """

    def __init__(
        self, path: str, most: int, window: float, degraded: Callable[[bool], None]
    ) -> None:
        self._path, self._most, self._window = path, most, window
        self._degraded = degraded
        self._wrong: str | None = None
        self._writer: Writer | None = None
        self._opened: sqlite3.Connection | None = None
        self._slot: int | None = None
        self._given: Entry | None = None
        self._beats: deque[bytes] = deque(maxlen=beats.KEPT)
        self._there = threading.Condition()
        self._over = False
        self._read = threading.Event()
        self._recalled = Recalled()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    def start(self) -> None:
        """Begin to read; then write, until `stop`."""
        self._thread.start()

    def recalled(self, timeout: float) -> Recalled:
        """What was in the file at the start; `timeout`: seconds to wait for a slow disk."""
        if not self._read.wait(timeout):
            logger.warning("history not read in time", extra={"seconds": timeout})
        return self._recalled

    @property
    def given(self) -> bool:
        """Whether something has been handed over that is not being written yet."""
        return self._given is not None

    def due(self, now: float) -> bool:
        """Whether a minute has ended since the last write, or the clock was set back by one."""
        return self._slot != slot(now)

    def write(self, entry: Entry) -> None:
        """Have it written soon. One that has not been begun yet is replaced: the disk is slow."""
        with self._there:
            self._slot = slot(entry.now)
            self._given = entry
            self._there.notify()

    def beat(self, data: bytes) -> None:
        """Have new readings written soon."""
        with self._there:
            self._beats.append(data)
            self._there.notify()

    def stop(self, timeout: float) -> None:
        """Write what was given, and end; `timeout`: seconds to wait for that."""
        with self._there:
            self._over = True
            self._there.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        self._guarded(self._recall)
        self._read.set()
        while (given := self._next()) is not None:
            self._guarded(partial(self._write, given))
        self._close()

    def _next(self) -> Entry | bytes | None:
        """What is to be written next, once there is something; None: it is over."""
        with self._there:
            self._there.wait_for(lambda: self._beats or self._given or self._over)
            if self._beats:
                return self._beats.popleft()
            entry, self._given = self._given, None
            return entry

    def _guarded(self, step: Callable[[], None]) -> None:
        wrong = None
        try:
            step()
        except (sqlite3.Error, OSError, ValueError) as e:
            wrong = str(e)
            self._close()
            if file.damaged(e):
                with suppress(OSError):
                    file.set_aside(self._path, wrong)
        except Exception as e:
            # The edge of this thread: without it, decisions go on, and nobody would know.
            logger.exception("history failed")
            wrong = str(e)
            self._close()
        self._say(wrong)

    def _say(self, wrong: str | None) -> None:
        if wrong and wrong != self._wrong:
            logger.warning("history not kept", extra={"file": self._path, "error": wrong})
        elif self._wrong and not wrong:
            logger.info("history kept again", extra={"file": self._path})
        self._wrong = wrong
        self._degraded(wrong is not None)

    def _open(self) -> Writer:
        self._opened = file.opened(self._path, self._most)
        self._writer = Writer(self._opened, self._most)
        return self._writer

    def _close(self) -> None:
        opened, self._opened, self._writer = self._opened, None, None
        if opened is not None:
            with suppress(sqlite3.Error):
                opened.close()

    def _write(self, given: Entry | bytes) -> None:
        writer = self._writer or self._open()
        if isinstance(given, bytes):
            return writer.beat(given)
        try:
            return writer.write(given)
        except sqlite3.IntegrityError:  # another leader has written in between
            self._close()
            return self._open().write(given)

    def _recall(self) -> None:
        with closing(file.opened(self._path, self._most)) as found:
            self._recalled = recall.recalled(found, self._window)
