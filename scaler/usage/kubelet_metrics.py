"""The kubelet's `/metrics/resource` as samples. Pure.

| a container's lines                                  | outcome                             |
| ---------------------------------------------------- | ----------------------------------- |
| CPU, working set, start time, the CPU with its time  | a sample, as of the CPU's own time  |
| CPU without its own timestamp                        | left out: its age would be a guess  |
| one of the three missing (it is starting, or gone)   | left out                            |
| not a number, infinite, negative                     | left out                            |
| no namespace, pod or container                       | left out                            |
| one of these lines is not of the format              | ValueError: the answer is broken    |

Only the lines of the three metrics reach the parser. Measured with 110 pods of two containers
(120 kB): 14 ms, 20 ms for the whole text.
"""

from collections.abc import Iterator
from math import isfinite

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from scaler.usage.window import Reading

_CPU = "container_cpu_usage_seconds_total"
_MEMORY = "container_memory_working_set_bytes"
_STARTED = "container_start_time_seconds"
_METRICS = (_CPU, _MEMORY, _STARTED)

_Key = tuple[str, str, str]


class Sample(Struct, frozen=True, gc=False):
    """One reading, and the container that it is of.

    `node`: whose kubelet has measured it. A node that was away and came back may still report a pod
    of the same name as one that runs elsewhere by now.
    """

    namespace: str
    pod: str
    container: str
    reading: Reading
    node: str = ""


def parse(text: str, received: float, node: str = "") -> list[Sample]:
    """The complete samples of one node's answer; `received` in seconds of our clock.

    Raises ValueError where a line of the three metrics is not the Prometheus text format.
    """
    values: dict[str, dict[_Key, float]] = {name: {} for name in _METRICS}
    times: dict[_Key, float] = {}
    for name, key, value, at in _lines(text):
        values[name][key] = value
        if name == _CPU and at is not None:
            times[key] = at
    return [
        Sample(*key, Reading(at, received, values[_CPU][key], int(memory), started), node)
        for key, at in times.items()
        if (memory := values[_MEMORY].get(key)) is not None
        and (started := values[_STARTED].get(key)) is not None
    ]


def _lines(text: str) -> Iterator[tuple[str, _Key, float, float | None]]:
    """Metric, container, value and time in seconds of each usable line of the three metrics."""
    lines = "\n".join(line for line in text.split("\n") if _wanted(line))
    try:
        for family in text_string_to_metric_families(lines):
            for name, labels, value, at, *_ in family.samples:
                key = (
                    labels.get("namespace", ""),
                    labels.get("pod", ""),
                    labels.get("container", ""),
                )
                if name in _METRICS and all(key) and isfinite(value) and value >= 0:
                    yield name, key, float(value), _seconds(at)
    except (ValueError, IndexError, OverflowError) as e:
        # The parser indexes into parts that a malformed line does not have.
        raise ValueError(f"not the Prometheus text format: {str(e)[:200]}") from e


def _wanted(line: str) -> bool:
    return line.startswith(_METRICS) or (
        line.startswith("# TYPE ") and line[7:].startswith(_METRICS)
    )


def _seconds(at: object) -> float | None:
    return float(at) if isinstance(at, int | float) and isfinite(at) and at > 0 else None
