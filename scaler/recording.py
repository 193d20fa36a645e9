"""Between the loop and the history: what is handed over after a cycle, and taken up after a start.

Nothing that decides knows of the history: it finds readings in the windows of usage and values in
the memory of the loop, as if this process had seen them itself. Only the leader writes.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from scaler.cluster.views import Views
from scaler.history import beats, entry, joined, resumed, state
from scaler.history import gone as leaving
from scaler.history.beats import Readings
from scaler.history.entry import Entry
from scaler.history.gone import Gone
from scaler.history.history import History
from scaler.history.recorder import Recorder
from scaler.history.state import Remembered
from scaler.memory import Memory
from scaler.model import Plan, Stretches
from scaler.settings import Settings
from scaler.sizing.evidence import MinuteOf
from scaler.usage.storage import Windows
from store.model import Workload
from store.records import Change

logger = logging.getLogger(__name__)

FILE = "history.sqlite"
SHARE = 0.4
"""Share of the volume for the file: one that was set aside has room beside it, and the logs."""
PATIENCE = 10.0
"""Seconds that the first cycle waits for a disk."""
_LAST = 3.0  # seconds that the last write may take


@dataclass
class Recording:
    """`recorder` None: there is no history, and nothing here does anything."""

    memory: Memory = field(default_factory=Memory)
    windows: Windows = field(default_factory=Windows)
    recorder: Recorder | None = None
    _stretches: Mapping[Workload, Stretches] = field(default_factory=dict)
    """Of an earlier process: whether they go on shows with the first usage."""
    _read: Readings = field(default_factory=dict)
    """The readings that are in the file, as far as they still matter."""
    _views: Views = field(default_factory=dict)
    """Of the last cycle."""
    _gone: Mapping[Workload, Gone] = field(default_factory=dict)
    """The last words on those that went while this process led."""
    _left: Mapping[Workload, tuple[Change, ...]] = field(default_factory=dict)
    """The changes of those that went, until they are handed over."""
    _beat: float = -inf
    _begun: bool = False
    """Whether this process has written: before, it knows less than the file."""

    def start(self) -> None:
        """Before `take_up`."""
        if self.recorder is not None:
            self.recorder.start()

    def take_up(self) -> Readings:
        """At the start: what an earlier process knew. The readings of usage are in the windows."""
        if self.recorder is None:
            return {}
        recalled, memory = self.recorder.recalled(PATIENCE), self.memory
        self.windows.take_up(recalled.readings)
        self._read = recalled.readings
        known = recalled.remembered
        memory.long, memory.starts = recalled.long, known.starts
        memory.missing, memory.startups = known.missing, known.startups
        self._stretches = known.stretches
        counts = {"containers": len(recalled.readings), "windows": len(recalled.long)}
        logger.info("history taken up", extra=counts)
        return recalled.readings

    def resume(self, now: float) -> None:
        """Before the plans of a cycle: stretches of quiet that go on, once usage has been read."""
        if self._stretches and self.windows.read:
            views = self.memory.views.values()
            found = resumed.stretches(self._stretches, views, self.windows.minute, now)
            self.memory.stretches = {**self.memory.stretches, **found}
            self._stretches = {}

    def record(self, plans: Sequence[Plan], minute_of: MinuteOf, now: float) -> None:
        """After a cycle of the leader: readings as they come, all else once a minute.

        And the minute by which a size was changed, which may be its pods' only one.
        """
        if self.recorder is None or not self.windows.read:
            return
        try:
            self._miss(now)
            self._record(self.recorder, minute_of, now)
            decided = entry.decided(plans, self.memory.views)
            if (decided or self._left) and not self.recorder.given:
                rows = entry.rows(decided, minute_of, now)
                self.recorder.write(Entry(now, rows, self._changes(), gone=self._gone))
                self._left = {}
        except Exception:
            # What has been decided is done already, and must be reported.
            logger.exception("history not written")

    def _miss(self, now: float) -> None:
        """What the last cycle had and this one has not: its last changes are not written yet."""
        before, self._views = self._views, self.memory.views
        if new := leaving.gone(before, self._views, now):
            self._gone = leaving.joined(self._gone, new)
            self._left = {**self._left, **{w: before[w].status.changes for w in new}}

    def _changes(self) -> dict[Workload, tuple[Change, ...]]:
        return {**self._left, **entry.changes(self.memory.views.values())}

    def _record(self, recorder: Recorder, minute_of: MinuteOf, now: float) -> None:
        if abs(now - self._beat) >= beats.APART:
            self._hand_over(recorder, now)
        if recorder.due(now):
            self._begun = True
            rows = entry.rows(self.memory.views.values(), minute_of, now)
            recorder.write(self._entry(rows, now))

    def _hand_over(self, recorder: Recorder, now: float) -> None:
        readings = self.windows.kept(entry.pods(self.memory.views.values()))
        if data := beats.beat(readings, self._read):
            recorder.beat(data)
        self._read, self._beat = readings, now

    def leave(self, now: float) -> None:
        """At the end of the leader: what has been learnt since the last minute.

        Of a process that has not written yet, its changes alone.
        """
        if self.recorder is None:
            return
        if self._begun:
            self._hand_over(self.recorder, now)
            self.recorder.write(self._entry({}, now))
        else:
            self.recorder.write(Entry(now, changes=self._changes(), gone=self._gone))

    def stop(self) -> None:
        """What was handed over is written before the process ends, unless the disk hangs."""
        if self.recorder is not None:
            self.recorder.stop(_LAST)

    def _entry(self, rows: entry.Rows, now: float) -> Entry:
        memory = self.memory
        known = Remembered(memory.stretches, memory.starts, memory.missing, memory.startups)
        return Entry(now, rows, self._changes(), state.encoded(known), {**memory.long}, self._gone)


def of(
    settings: Settings, memory: Memory, windows: Windows, degraded: Callable[[bool], None]
) -> Recording:
    """By the settings; `degraded` is called with whether the history cannot be kept."""
    if (path := path_of(settings)) is None:
        return Recording(memory, windows)
    most = int(settings.history_size * SHARE)
    recorder = Recorder(path, most, float(settings.track_window), degraded)
    return Recording(memory, windows, recorder)


def path_of(settings: Settings) -> str | None:
    """The file of the history; None: none is kept."""
    return None if settings.history_path is None else str(settings.history_path / FILE)


def past_of(
    settings: Settings, degraded: Callable[[bool], None] = lambda wrong: None
) -> History | None:
    """What is read of the past: the file, a server, or both; None: neither is set.

    `degraded` is called with whether the server cannot be read.
    """
    path = path_of(settings)
    if path is None and settings.history_url is None:
        return None
    return joined.of(path or "", settings.history_url, degraded)
