"""The kubelet's `/metrics/resource` as samples. Pure.

| a container's lines                                  | outcome                             |
| ---------------------------------------------------- | ----------------------------------- |
| CPU, working set, start time, the CPU with its time  | a sample, as of the CPU's own time  |
| CPU without its own timestamp                        | left out: its age would be a guess  |
| one of the three missing (it is starting, or gone)   | left out                            |

Which lines are usable: exposition.py. Measured with 110 pods of two containers (80 kB): 1 ms.
"""

from msgspec import Struct

from scaler.usage.exposition import Key, read
from scaler.usage.window import Reading

_CPU = "container_cpu_usage_seconds_total"
_MEMORY = "container_memory_working_set_bytes"
_STARTED = "container_start_time_seconds"
_METRICS = (_CPU, _MEMORY, _STARTED)


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
    values: dict[str, dict[Key, float]] = {name: {} for name in _METRICS}
    times: dict[Key, float] = {}
    wanted = (line for line in text.split("\n") if line.startswith(_METRICS))
    for name, key, value, at in read(wanted, _METRICS):
        values[name][key] = value
        if name == _CPU and at is not None:
            times[key] = at
    return [
        Sample(*key, Reading(at, received, values[_CPU][key], int(memory), started), node)
        for key, at in times.items()
        if (memory := values[_MEMORY].get(key)) is not None
        and (started := values[_STARTED].get(key)) is not None
    ]
