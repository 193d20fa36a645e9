"""The kernel's files about a node's clocks and heat, read bit by bit.

| file, below /sys/devices                              | there with                          |
| ----------------------------------------------------- | ----------------------------------- |
| system/cpu/cpufreq/policy*/scaling_cur_freq,          | any driver of clocks; few virtual   |
| scaling_max_freq, cpuinfo_max_freq                    | machines have one                   |
| system/cpu/cpu*/thermal_throttle/core_throttle_count, | Intel's CPUs                        |
| package_throttle_count                                |                                     |
| platform/soc*/*firmware/get_throttled                 | the Raspberry Pi's own kernel       |

Source: Documentation/ABI/testing/sysfs-devices-system-cpu and admin-guide/pm/cpufreq of Linux.
Cooling by the kernel (thermal zones with a trip point, as boards with ARM have them) lowers
scaling_max_freq. Where there is none of these files nothing is read, and nothing said.

At each sample one clock is read: before Linux 5.18 the kernel may take 10 ms for one.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agent import heat
from agent.heat import Sum, Summary

SECONDS = 60.0
LONGEST = 3600.0
"""Seconds that a minute may have lasted, as a process was held up."""
CPUS = Path("/sys/devices/system/cpu")
PLATFORM = Path("/sys/devices/platform")
_FIRMWARE_EACH = 50
"""Samples between two questions to the firmware, which are answered by another processor."""
_MOST = 4096
_COUNTERS = ("core_throttle_count", "package_throttle_count")


@dataclass
class Clocks:
    """`cpus`: the node's /sys/devices/system/cpu, `platform`: its /sys/devices/platform."""

    cpus: Path = CPUS
    platform: Path = PLATFORM
    _policies: list[tuple[str, int]] = field(default_factory=list)
    """Folder, and its highest clock in kHz."""
    _counters: list[str] = field(default_factory=list)
    _firmware: str | None = None
    _next: int = 0
    _sum: Sum = Sum()  # noqa: RUF009 (frozen)
    _began: float | None = None
    _before: dict[str, int] = field(default_factory=dict)

    def sample(self, now: float) -> Summary | None:
        """Read a little; once a minute what is known of it. `now`: seconds that never go back."""
        if self._began is None:
            self._begin(now)
        elif now - self._began >= SECONDS:
            lasted = min(now - self._began, LONGEST)
            found = heat.summary(self._sum, lasted, self._before, self._counts())
            self._begin(now)
            return found
        if self._policies:
            self._read_one()
        if self._firmware and self._next % _FIRMWARE_EACH == 0:
            self._sum = heat.said(self._sum, _number(self._firmware, 16))
        self._next += 1
        return None

    def forget(self) -> None:
        """There is nobody to say it to: begin again with the next sample."""
        self._began = None

    def _read_one(self) -> None:
        which = self._next % len(self._policies)
        folder, highest = self._policies[which]
        current, most = (_number(f"{folder}/{n}") for n in ("scaling_cur_freq", "scaling_max_freq"))
        one = heat.reading(current, most, highest)
        self._sum = heat.added(self._sum, one, last=which == len(self._policies) - 1)

    def _begin(self, now: float) -> None:
        """CPUs come and go, so what there is is looked for each minute: it takes a millisecond."""
        self._began, self._next, self._sum = now, 0, Sum()
        self._policies = [*_policies(self.cpus)]
        folders = _named(self.cpus, "cpu", "/thermal_throttle/")
        self._counters = [f + name for f in folders for name in _COUNTERS]
        self._firmware = next(
            (str(f) for f in self.platform.glob("soc*/*firmware/get_throttled")), None
        )
        self._before = self._counts()

    def _counts(self) -> dict[str, int]:
        read = ((name, _number(name)) for name in self._counters)
        return {name: value for name, value in read if value is not None}


def _policies(cpus: Path) -> Iterator[tuple[str, int]]:
    for folder in _named(cpus / "cpufreq", "policy", ""):
        highest = _number(f"{folder}/cpuinfo_max_freq")
        if highest and _number(f"{folder}/scaling_cur_freq"):
            yield folder, highest


def _named(base: Path, prefix: str, below: str) -> list[str]:
    """What is below the folders with a prefix and a number as their name, where that exists."""
    try:
        names = os.listdir(base)
    except OSError:
        return []
    numbers = sorted(int(n.removeprefix(prefix)) for n in names if _is_one(n, prefix))
    found = (f"{base}/{prefix}{number}{below}" for number in numbers)
    return [path for path in found if os.path.isdir(path)]


def _is_one(name: str, prefix: str) -> bool:
    return name.startswith(prefix) and name.removeprefix(prefix).isdecimal()


def _number(path: str, base: int = 10) -> int | None:
    """What a file says; None: it is not there, not now, or no number ("<unsupported>")."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return int(os.pread(fd, _MOST, 0), base)
    except (OSError, ValueError):
        return None
    finally:
        os.close(fd)
