"""Processes and the memory they hold, as the kernel counts it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TOLD = ("Rss", "Pss", "Pss_Anon", "Pss_File", "Private_Dirty")
_KIB = 1024 / 1e6  # MB


def pids(root: int) -> Iterator[int]:
    """A process and everything below it."""
    yield root
    for child in (int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()):
        if _parent(child) == root:
            yield from pids(child)


def memory(pid: int) -> dict[str, float]:
    """MB: `Pss` (shared pages divided among the processes), its parts, `Rss`."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        if name in _TOLD:
            found[name] = round(int(value.split()[0]) * _KIB, 2)
    return found


def _parent(pid: int) -> int | None:
    with suppress(OSError):  # gone
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None
