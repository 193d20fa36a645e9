"""At the start: what the history did not know of usage, from a Prometheus-compatible server.

| what                                                 | is filled where                          |
| ---------------------------------------------------- | ---------------------------------------- |
| the last two minutes of each enrolled container      | its pod has no readings from the file,   |
|                                                      | the samples are exact (raw.py), and its  |
|                                                      | kubelet confirms them (offered.py)       |
| the long window of a container whose policy has one  | the file had none                        |

The first cycle waits for it, `LISTED + PATIENCE` at most and a question more. What is not filled by
then is learnt as ever, and the log says of how many containers that is so.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from msgspec import Struct

from kube.pods import counted
from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.history import entry
from scaler.history.history import HistoryError
from scaler.history.row import Row
from scaler.history.server import Server
from scaler.memory import Memory
from scaler.sizing import governing
from scaler.usage import long_window
from scaler.usage.long_window import LongWindow, Used
from scaler.usage.storage import Windows
from scaler.usage.window import Reading
from scaler.watches import Observer
from store.model import Workload

logger = logging.getLogger(__name__)

_NOT_FILLED = "history not filled from the server"
PATIENCE = 20.0
"""Seconds for the long windows."""
LISTED = 10.0
"""Seconds for the first lists."""
_DAY = 86400.0

Key = tuple[str, str, str, str]


class Filled(Struct, frozen=True):
    """How many containers have got readings, long windows, and no long window as time was up."""

    readings: int = 0
    windows: int = 0
    left: int = 0


@dataclass
class Filling:
    """What is needed for it; `clock`: seconds since the epoch."""

    server: Server
    observer: Observer
    memory: Memory
    windows: Windows
    clock: Callable[[], float]

    def run(self, seconds: float, stop: threading.Event) -> Filled:
        """By the table above; `seconds`: what a long window holds. Whatever fails is one line.

        Which workloads there are must be known before: the first lists are waited for.
        """
        over = time.monotonic() + LISTED
        while self.observer.missing():
            if time.monotonic() > over or stop.wait(0.1):
                logger.warning(_NOT_FILLED, extra={"error": "no lists"})
                return Filled()
        self.memory.look(self.observer.snapshot(), self.clock())
        return self.fill(seconds)

    def fill(self, seconds: float) -> Filled:
        """The same, of the workloads that are known."""
        try:
            made = self._fill(seconds)
        except Exception as e:
            # The edge to somebody else's program: whatever it says, decisions go on without it.
            known = isinstance(e, HistoryError)
            logger.warning(_NOT_FILLED, extra={"error": str(e)}, exc_info=not known)
            return Filled()
        fields = {"readings": made.readings, "windows": made.windows, "left": made.left}
        logger.info("history filled from the server", extra=fields)
        return made

    def _fill(self, seconds: float) -> Filled:
        views = [v for v in self.memory.views.values() if entry.enrolled(v)]
        found = dict(_readings(self.server, views, self.windows))
        self.windows.offer(found)
        filled = _long(self.server, views, self.memory, (seconds, self.clock()))
        return Filled(len(found), filled.windows, filled.left)


def _readings(
    server: Server, views: Iterable[View], windows: Windows
) -> Iterator[tuple[Key, tuple[Reading, ...]]]:
    wanted = {
        (pod.metadata.namespace, pod.metadata.name, name): pod.spec.node_name or ""
        for view in views
        for pod in view.pods
        for name in counted(pod)
        if not windows.readings(pod, name)
    }
    if not wanted:
        return
    found = server.readings({namespace for namespace, _, _ in wanted})
    for key, some in found.items():
        if key in wanted:
            yield (*key, wanted[key]), some


def _long(
    server: Server, views: Iterable[View], memory: Memory, span: tuple[float, float]
) -> Filled:
    over, made, left = time.monotonic() + PATIENCE, 0, 0
    for workload, name in _lacking(views, memory):
        if time.monotonic() > over:
            left += 1
            continue
        window = None
        for row in _days(server, workload, name, span):
            used = Used(row.cpu_mean, row.working_set or row.memory or 0, row.memory)
            window = long_window.added(window, used, row.at + row.seconds, span[0])
        if window is not None:
            made += 1
            own = {**memory.long.get(workload, {}), name: window}
            memory.long = {**memory.long, workload: own}
    return Filled(windows=made, left=left)


def _lacking(views: Iterable[View], memory: Memory) -> Iterator[tuple[Workload, str]]:
    """Those without a long window that should have one."""
    for view in views:
        known: dict[str, LongWindow] = {**memory.long.get(view.workload, {})}
        for container in view.template.containers:
            name = container.name
            asks = isinstance(view.settings, Settings) and (
                governing.policy_of(view.settings, name).remembers
            )
            if asks and name not in known:
                yield view.workload, name


def _days(
    server: Server, workload: Workload, name: str, span: tuple[float, float]
) -> Iterator[Row]:
    """Minutes, a day at a time."""
    seconds, now = span
    since = now - seconds
    while since < now:
        yield from server.minutes(workload, name, since, min(now, since + _DAY))
        since += _DAY
