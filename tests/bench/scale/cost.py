"""What processes cost: CPU seconds and resident memory, as the kernel counts them."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench import tree

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Of one program over some time: CPU in percent of a core, and MB."""

    share: float
    resident: float
    cpu_seconds: float


class Watch:
    """The cost of programs, by name, from its making until it is asked for."""

    def __init__(self, programs: Mapping[str, int]) -> None:
        self._programs = programs
        self._began = time.monotonic()
        self._before = {name: _seconds(pid) for name, pid in programs.items()}

    def cost(self) -> dict[str, Cost]:
        """Each program with its children."""
        passed = time.monotonic() - self._began
        found = {}
        for name, pid in self._programs.items():
            used = _seconds(pid) - self._before[name]
            held = sum(tree.memory(one)["Rss"] for one in tree.pids(pid))
            found[name] = Cost(round(100 * used / passed, 2), round(held, 1), round(used, 2))
        return found


def _seconds(root: int) -> float:
    """User and system time of a process and its children, in seconds."""
    ticks = 0
    for pid in tree.pids(root):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK
