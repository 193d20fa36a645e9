"""Adds the Metrics API's rates up to counters, so that window.py works for both sources. Pure.

The rates of consecutive windows, each times its length, add up to the counter that a kubelet would
have shown. The start of a container, which this API does not report, is read from the pod's status.

| the rate's window                                     | the container's counter            |
| ----------------------------------------------------- | ---------------------------------- |
| ends when the newest ended, or before                 | stays: the same sample, or older   |
| ends more than 120 s before the newest                | starts over: the clock went back   |
| begins before the container started                   | stays: an earlier one of its name  |
| begins when one ended (timestamps are whole seconds)  | continues from there               |
| begins at most 10 s after the newest ended, in a pod  | continues from there: the time is  |
| of several containers                                 | that of only one of them           |
| begins before the newest ended                        | stays: the windows overlap         |
| begins after the newest ended                         | starts over: a rate was missed     |
| is of another start than the counter                  | starts over                        |

A counter that starts gives two readings at once: zero when the window began, and the rate times the
window's length when it ended.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from kube import objects, pods
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.metrics_api import Key, Rate
from scaler.usage.window import LONGEST, Reading

_CUT = 1.0  # seconds: timestamps and starts are truncated to whole ones
_SPREAD = 10.0  # seconds between the samples of the containers of one pod
_SLACK = 5.0  # seconds between the runtime's idea of a start and the kubelet's
_FORGOTTEN = 300.0  # seconds after the last rate of a container
_QUIET = 60.0  # seconds of running after which metrics-server has to know a container


class Counter(Struct, frozen=True):
    """The sum so far; `points`: (time, CPU seconds), oldest first. Times in seconds."""

    started: float
    began: float
    points: tuple[tuple[float, float], ...]
    received: float


Counters = Mapping[Key, Counter]


def recalled(
    readings: Mapping[tuple[str, str, str, str], Sequence[Reading]],
) -> dict[Key, Counter]:
    """The counters of which an earlier process kept the readings, by pod, container and node.

    Those of kubelets are left out: they go on by themselves.
    """
    return {
        key[:3]: Counter(
            last.started, last.counter, tuple((r.at, r.cpu_seconds) for r in some), last.received
        )
        for key, some in readings.items()
        if (last := some[-1]).counter
    }


def starts(found: Iterable[objects.Pod]) -> dict[Key, float]:
    """The latest time at which each running container can have started, by its status."""
    out: dict[Key, float] = {}
    for pod in found:
        for name in pods.counted(pod):
            if (started := pods.started(pod, name)) is not None:
                out[pod.metadata.namespace, pod.metadata.name, name] = started + _CUT
    return out


def silent(found: Iterable[objects.Pod], rates: Iterable[Rate], now: float) -> set[str]:
    """The nodes that have containers running for long, but no rate of any container."""
    measured = {rate.key[:2] for rate in rates}
    without: dict[str, bool] = {}
    for pod in found:
        node, key = pod.spec.node_name or "", (pod.metadata.namespace, pod.metadata.name)
        known = [s for name in pods.counted(pod) if (s := pods.started(pod, name)) is not None]
        if key in measured:
            without[node] = False
        elif known and now - max(known) > _QUIET:
            without.setdefault(node, True)
    return {node for node, none in without.items() if none}


def add_up(
    counters: Mapping[Key, Counter],
    rates: Sequence[Rate],
    started: Mapping[Key, float],
    received: float,
) -> tuple[dict[Key, Counter], list[Sample]]:
    """The counters with these rates, and their new readings. `received`: by our clock."""
    kept = {k: c for k, c in counters.items() if received - c.received <= _FORGOTTEN}
    samples: list[Sample] = []
    for rate in rates:
        start = started.get(rate.key)
        if start is None:
            continue
        counter = added(kept.get(rate.key), rate, start, received)
        if counter is None or counter is kept.get(rate.key):
            continue
        new = rate.key not in kept or kept[rate.key].began != counter.began
        kept[rate.key] = counter
        for at, cpu in counter.points if new else counter.points[-1:]:
            reading = Reading(at, received, cpu, rate.memory, start, counter.began)
            samples.append(Sample(*rate.key, reading))
    return kept, samples


def added(counter: Counter | None, rate: Rate, start: float, received: float) -> Counter | None:
    """The counter with one more rate (see the table); the same object where it stays."""
    began = rate.at - rate.window
    if began < start - _CUT - _SLACK:
        return counter
    if counter is None or counter.started != start:
        return _begun(rate, start, received)
    newest = counter.points[-1][0]
    if rate.at <= newest:
        return counter if newest - rate.at <= LONGEST else _begun(rate, start, received)
    before = _before(counter, began, rate.several)
    if before is not None:
        at = before[0] + rate.window if abs(began - before[0]) <= _CUT else rate.at
        if at <= newest:
            return counter
        point = (at, before[1] + rate.cores * (at - before[0]))
        points = (*(p for p in counter.points if at - p[0] <= LONGEST), point)
        return Counter(start, counter.began, points, received)
    return counter if began < newest else _begun(rate, start, received)


def _before(counter: Counter, began: float, several: bool) -> tuple[float, float] | None:
    """The point at which a window began."""
    near = min(reversed(counter.points), key=lambda p: abs(began - p[0]))
    if abs(began - near[0]) <= _CUT:
        return near
    newest = counter.points[-1]
    return newest if several and 0 < began - newest[0] <= _SPREAD else None


def _begun(rate: Rate, start: float, received: float) -> Counter:
    began = rate.at - rate.window
    points = ((began, 0.0), (rate.at, rate.cores * rate.window))
    return Counter(start, began, points, received)
