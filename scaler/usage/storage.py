"""The readings of every container, in memory: readings in, minutes of usage out.

A restart loses little: a minute later the first minute is complete again.

| a container                                       | answer                          |
| ------------------------------------------------- | ------------------------------- |
| with readings of an earlier one of its name only  | `WarmingUp`                     |
| without readings, on a node that cannot be read   | `NoUsage`, and why it cannot    |
| without readings, started two minutes ago or less | `WarmingUp`                     |
| without readings, in the scaler's first minute    | `WarmingUp`                     |
| otherwise                                         | see `window.minute`             |
"""

import threading
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from kube import objects, pods, timestamps
from scaler.usage import window
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.window import Minute, NoMinute, Reading
from store.reasons import Reason

_FORGOTTEN = 300.0  # seconds after the last reading of a container
_STARTED_SLACK = 5.0  # seconds between the kubelet's and the runtime's idea of a start

Key = tuple[str, str, str, str]
"""Namespace, pod, container and node."""
_NONE: Mapping[str, str] = {}


class Windows:
    """Readings by namespace, pod, container and node. Filled by one thread, read by another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: dict[Key, tuple[Reading, ...]] = {}
        self._minutes: dict[Key, tuple[tuple[Reading, ...], Minute | NoMinute]] = {}
        """What was made of which readings: asked for several times, until another one comes."""
        self._since: float | None = None  # when usage was first read
        self._failures = _NONE

    def take_in(
        self, samples: Sequence[Sample], now: float, failures: Mapping[str, str] = _NONE
    ) -> None:
        """Add samples, and forget containers that have had none for a while.

        `failures`: why there are none, by node.
        """
        with self._lock:
            self._failures = failures
            self._since = now if self._since is None else self._since
            for s in samples:
                key = (s.namespace, s.pod, s.container, s.node)
                self._readings[key] = window.add(self._readings.get(key, ()), s.reading)
            gone = [k for k, r in self._readings.items() if now - r[-1].received > _FORGOTTEN]
            for key in gone:
                del self._readings[key]
                self._minutes.pop(key, None)

    def minute(self, pod: objects.Pod, container: str, now: float) -> Minute | NoMinute:
        """The pod's newest whole minute; readings of an earlier pod of that name do not count.

        Nor do those of another node: two kubelets may report a pod of that name.
        """
        node = pod.spec.node_name or ""
        key = (pod.metadata.namespace, pod.metadata.name, container, node)
        with self._lock:
            if not (readings := self._readings.get(key, ())):
                key = (*key[:3], "")
                readings = self._readings.get(key, ())
            since, why = self._since, self._failures.get(node)
        earliest = started = pods.started(pod, container)
        if earliest is None:
            earliest = timestamps.seconds(pod.metadata.creation_timestamp)
        if not readings and (reason := _unread(started, since, now, why)):
            return reason
        if readings and earliest is not None and readings[-1].started < earliest - _STARTED_SLACK:
            return NoMinute(Reason.WARMING_UP, "the container has just started")
        minute = window.stale(readings, now) or self._whole(key, readings)
        if why and isinstance(minute, NoMinute) and minute.reason is Reason.STALE_USAGE:
            return replace(minute, message=f"{minute.message}: {why}")
        return minute

    def _whole(self, key: Key, readings: tuple[Reading, ...]) -> Minute | NoMinute:
        known = self._minutes.get(key)
        if known is None or known[0] is not readings:
            known = self._minutes[key] = readings, window.whole(readings)
        return known[1]


def _unread(
    started: float | None, since: float | None, now: float, why: str | None
) -> NoMinute | None:
    """What is known of a container without readings."""
    if why:
        return NoMinute(Reason.NO_USAGE, f"no usage has been read: {why}")
    if started is not None and now - started < 2 * window.SECONDS:
        return NoMinute(Reason.WARMING_UP, "the container has just started")
    if since is None or 0 <= now - since < window.SECONDS:
        return NoMinute(Reason.WARMING_UP, "usage has just begun to be read")
    return None
