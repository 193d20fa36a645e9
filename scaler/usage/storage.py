"""The readings of every container, in memory: readings in, minutes of usage out.

A restart loses little: what an earlier process had read is taken up (scaler/history/); without
that, a minute later the first minute is complete again.

| a container                                       | answer                          |
| ------------------------------------------------- | ------------------------------- |
| with readings of an earlier one of its name only  | as without readings             |
| without readings, on a node that cannot be read   | `NoUsage`, and why it cannot    |
| without readings, started two minutes ago or less | `WarmingUp`                     |
| without readings, asked for less than a minute    | `WarmingUp`                     |
| otherwise                                         | see `window.minute`             |
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from msgspec.structs import replace

from kube import objects, pods, timestamps
from kube.memo import once
from scaler.usage import offered, window
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.window import Minute, NoMinute, Reading
from store.reasons import Reason

_FORGOTTEN = 300.0  # seconds after the last reading of a container
_STARTED_SLACK = 5.0  # seconds between the kubelet's and the runtime's idea of a start

Key = tuple[str, str, str, str]
"""Namespace, pod, container and node."""
_NONE: Mapping[str, str] = {}


@dataclass(slots=True)
class _Window:
    """The readings of one container, and what was made of them until another one came."""

    readings: tuple[Reading, ...]
    whole: Minute | NoMinute | None = None
    """The newest minute, once it was asked for."""


class Windows:
    """Readings by namespace, pod, container and node. Filled by one thread, read by others.

    Whoever looks at one window needs no lock: it is replaced, never changed, and is the old or the
    new one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[Key, _Window] = {}
        self._asked: dict[tuple[str, str], float] = {}  # pods, and since when they are asked for
        self._read = False
        self._news: set[tuple[str, str]] = set()
        self._failures = _NONE
        self._offered: dict[Key, tuple[Reading, ...]] = {}

    def expect(self, pods: Iterable[tuple[str, str]], now: float) -> None:
        """The usage of these pods, by namespace and name, is asked for, and of no others."""
        before = self._asked
        self._asked = {pod: before.get(pod, now) for pod in pods}

    def take_in(
        self, samples: Sequence[Sample], now: float, failures: Mapping[str, str] = _NONE
    ) -> None:
        """Add samples, and forget containers that have had none for a while.

        `failures`: why there are none, by node.
        """
        with self._lock:
            self._failures = failures
            self._read = True
            for s in samples:
                key = (s.namespace, s.pod, s.container, s.node)
                known = self._windows.get(key)
                if known is None and self._offered:
                    readings = offered.joined(self._offered.pop(key, ()), s.reading)
                else:
                    readings = window.add(known.readings if known else (), s.reading)
                if known is None or readings is not known.readings:
                    self._windows[key] = _Window(readings)
                    self._news.add(key[:2])
            newest = ((k, w.readings[-1].received) for k, w in self._windows.items())
            for key in [k for k, received in newest if now - received > _FORGOTTEN]:
                del self._windows[key]
                self._news.add(key[:2])

    @property
    def read(self) -> bool:
        """Whether usage has been read by this process."""
        return self._read

    def kept(self, pods: Collection[tuple[str, str]]) -> dict[Key, tuple[Reading, ...]]:
        """The readings of these pods, by namespace and name."""
        with self._lock:
            return {key: w.readings for key, w in self._windows.items() if key[:2] in pods}

    def news(self) -> frozenset[tuple[str, str]]:
        """The pods, by namespace and name, whose readings are others since this was last asked."""
        with self._lock:
            found, self._news = self._news, set()
        return frozenset(found)

    def take_up(self, readings: Mapping[Key, tuple[Reading, ...]]) -> None:
        """Go on from readings of an earlier process."""
        with self._lock:
            earlier = {key: _Window(some) for key, some in readings.items()}
            self._windows = {**earlier, **self._windows}

    def offer(self, readings: Mapping[Key, tuple[Reading, ...]]) -> None:
        """Readings that somebody else has kept: gone on from once a kubelet confirms them."""
        with self._lock:
            self._offered = dict(readings)

    def minute(
        self, pod: objects.Pod, container: str, now: float, covering: float = inf
    ) -> Minute | NoMinute:
        """The pod's newest whole minute; readings of an earlier pod of that name do not count.

        Nor do those of another node: two kubelets may report a pod of that name. `covering`: the
        minute may be longer, as it covers this time (seconds, our clock) as well.
        """
        namespace, name, node, made, created = _about(pod)
        found = self._windows.get((namespace, name, container, node))
        if found is None:
            found = self._windows.get((namespace, name, container, ""))
        why = self._failures.get(node) if self._failures else None
        earliest = created if made.get(container) is None else made[container]
        if found is None or _earlier(found.readings[-1], earliest):
            started = pods.started(pod, container)
            asked = self._asked.get((namespace, name))
            return _unread(started, asked, now, why) or window.minute((), now)
        readings = found.readings
        if readings[-1].received > covering:
            found = _Window((*(r for r in readings if r.received <= covering), readings[-1]))
        fresh = now - readings[-1].received <= window.OLDEST
        minute = found.whole if fresh else window.stale(readings, now)
        if minute is None:
            minute = found.whole = window.whole(found.readings)
        if why and isinstance(minute, NoMinute) and minute.reason is Reason.STALE_USAGE:
            return replace(minute, message=f"{minute.message}: {why}")
        return minute

    def readings(self, pod: objects.Pod, container: str) -> tuple[Reading, ...]:
        """The readings that are kept of a pod's container, oldest first."""
        namespace, name, node, *_ = _about(pod)
        for at in (node, ""):
            if found := self._windows.get((namespace, name, container, at)):
                return found.readings
        return ()


@once
def _about(pod: objects.Pod) -> tuple[str, str, str, Mapping[str, float | None], float | None]:
    """Namespace, name, node; when its containers, and itself, can have been made first."""
    meta, created = pod.metadata, timestamps.seconds(pod.metadata.creation_timestamp)
    return meta.namespace, meta.name, pod.spec.node_name or "", pods.made_after(pod), created


def _earlier(reading: Reading, earliest: float | None) -> bool:
    """Whether it is of another container of that name, which was made before this one."""
    return earliest is not None and reading.started < earliest - _STARTED_SLACK


def _unread(
    started: float | None, asked: float | None, now: float, why: str | None
) -> NoMinute | None:
    """What is known of a container without readings."""
    if why:
        return NoMinute(Reason.NO_USAGE, f"no usage has been read: {why}")
    if started is not None and now - started < 2 * window.SECONDS:
        return NoMinute(Reason.WARMING_UP, "the container has just started")
    if asked is None or 0 <= now - asked < window.SECONDS:
        return NoMinute(Reason.WARMING_UP, "usage has just begun to be read")
    return None
