"""The kernel's files of one cgroup, as numbers. Pure.

| what                  | cgroup v1                                  | cgroup v2             |
| --------------------- | ------------------------------------------ | --------------------- |
| CPU time              | cpuacct.usage (ns)                         | cpu.stat, usage_usec  |
| periods, throttled    | cpu.stat                                   | cpu.stat              |
| limit                 | cpu.cfs_quota_us / cpu.cfs_period_us       | cpu.max               |
| killed for memory     | memory.oom_control, oom_kill (Linux 4.13)  | memory.events         |
| waited for a CPU      | unknown                                    | cpu.pressure, "some"  |

A file that is missing or empty, or a line that cannot be read, is None: unknown, which never means
zero. A quota below zero, or `max`, is no limit.
"""

import re

from msgspec import Struct

_TOTAL = re.compile(rb"^some .*\btotal=(\d+)", re.MULTILINE)


class Counters(Struct, frozen=True, gc=False):
    """One reading. `cpu`: microseconds of CPU time. `quota`: millicores; None: no limit."""

    cpu: int
    periods: int = 0
    throttled: int = 0
    quota: float | None = None


def v1(usage: bytes, stat: bytes, quota: bytes, period: bytes) -> Counters | None:
    """Of cpuacct.usage, cpu.stat, cpu.cfs_quota_us and cpu.cfs_period_us."""
    used, allowed, every = cpu(usage, v2=False), whole(quota), whole(period)
    if used is None or allowed is None:
        return None
    limit = 1000 * allowed / every if allowed > 0 and every else None
    return Counters(used, field(stat, b"nr_periods") or 0, field(stat, b"nr_throttled") or 0, limit)


def v2(stat: bytes, most: bytes) -> Counters | None:
    """Of cpu.stat and cpu.max."""
    used = cpu(stat, v2=True)
    if used is None:
        return None
    first, _, second = most.strip().partition(b" ")
    allowed, every = whole(first), whole(second)
    limit = 1000 * allowed / every if allowed and every else None
    return Counters(used, field(stat, b"nr_periods") or 0, field(stat, b"nr_throttled") or 0, limit)


def cpu(text: bytes, *, v2: bool) -> int | None:
    """Microseconds of CPU time, of cpuacct.usage or (v2) cpu.stat."""
    if v2:
        return field(text, b"usage_usec")
    found = whole(text)
    return None if found is None else found // 1000


def kills(text: bytes) -> int | None:
    """How often the kernel has killed in it: of memory.oom_control (v1), or memory.events (v2)."""
    return field(text, b"oom_kill")


def waited(pressure: bytes) -> int | None:
    """Microseconds in which something in it waited for a CPU, of cpu.pressure."""
    found = _TOTAL.search(pressure)
    return int(found[1]) if found else None


def field(text: bytes, name: bytes) -> int | None:
    """The number after a name, at the start of a line."""
    start = 0 if text.startswith(name + b" ") else text.find(b"\n" + name + b" ") + 1
    if not start and not text.startswith(name + b" "):
        return None
    return whole(text[start + len(name) + 1 :].partition(b"\n")[0])


def whole(text: bytes) -> int | None:
    """A whole number, which may be negative."""
    try:
        return int(text)
    except ValueError:
        return None
