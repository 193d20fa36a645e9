"""The kubelet's `/metrics/cadvisor` as looks of the kernel at containers. Pure.

It is the largest page of a node (measured: 18 kB for each container), so the lines that count are
picked before they are decoded (kube/kubelet.py): none that is about a pod as a whole, or its
sandbox. Of those only the lines of pods that are asked for are parsed.

| of a container                                   | is                                        |
| ------------------------------------------------ | ----------------------------------------- |
| CFS periods, and throttled ones                  | counters; absent without a CPU limit      |
| rss + cache - active file - inactive file        | the memory that cannot be reclaimed: the  |
|                                                  | cache that is in no file list is shmem    |
| rss alone, where a kubelet lacks the file lists  | the same, without shmem                   |
| PSI: seconds in which it waited for memory       | absent on cgroup v1, and without `psi=1`  |
| failcnt (v1), events of `max` (v2)               | how often it reached its memory limit     |
| another start than the reading that it goes with | left out: it is of another container      |
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from scaler.usage.exposition import Key, Pods, read
from scaler.usage.kernel import Kernel
from scaler.usage.kubelet_metrics import Sample

PATH = "/metrics/cadvisor"
_STARTED = "container_start_time_seconds"
_PERIODS = "container_cpu_cfs_periods_total"
_THROTTLED = "container_cpu_cfs_throttled_periods_total"
_RSS, _CACHE = "container_memory_rss", "container_memory_cache"
_ACTIVE = "container_memory_total_active_file_bytes"
_INACTIVE = "container_memory_total_inactive_file_bytes"
_WAITED = "container_pressure_memory_waiting_seconds_total"
_HITS = ("container_memory_failcnt", "container_memory_events_max_total")
METRICS = (_STARTED, _PERIODS, _THROTTLED, _RSS, _CACHE, _ACTIVE, _INACTIVE, _WAITED, *_HITS)
"""The metrics that are read."""
NOT_OF_CONTAINERS = tuple(f'{name}{{container="",' for name in METRICS)
"""What their lines on a pod, its sandbox or a part of the node begin with."""

_SAME = 2.0  # seconds between two ideas of one container's start
_TAKES = 30.0  # seconds from a container's making, which cAdvisor sees last, on a slow node


class Look(Struct, frozen=True):
    """One look at one container, and when that had started."""

    started: float
    kernel: Kernel


def parse(text: str, pods: Pods) -> dict[Key, Look]:
    """What is known of the containers of these pods.

    Raises ValueError where a line of theirs is not the Prometheus text format.
    """
    found: dict[Key, dict[str, float]] = {}
    times: dict[Key, float] = {}
    wanted = (line for line in text.split("\n") if line.startswith(METRICS))
    for name, key, value, at in read(wanted, METRICS, pods):
        found.setdefault(key, {})[name] = value
        if name == _RSS and at:
            times[key] = at
    return {
        key: Look(values[_STARTED], _kernel(at, values))
        for key, at in times.items()
        if _STARTED in (values := found[key])
    }


def joined(samples: Iterable[Sample], looks: Mapping[Key, Look]) -> Iterator[Sample]:
    """The samples, with what is known of their containers."""
    for sample in samples:
        look = looks.get((sample.namespace, sample.pod, sample.container))
        if look is None or not -_SAME < look.started - sample.reading.started < _TAKES:
            yield sample
        else:
            yield replace(sample, reading=replace(sample.reading, kernel=look.kernel))


def _kernel(at: float, values: Mapping[str, float]) -> Kernel:
    files = [values.get(name) for name in (_CACHE, _ACTIVE, _INACTIVE)]
    cache, active, inactive = (0.0 if None in files else value or 0.0 for value in files)
    hits = [values[name] for name in _HITS if name in values]
    return Kernel(
        at,
        values.get(_PERIODS),
        values.get(_THROTTLED),
        int(values[_RSS] + max(0.0, cache - active - inactive)),
        values.get(_WAITED),
        sum(hits) if hits else None,
    )
