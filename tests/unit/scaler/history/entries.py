"""Minutes of made-up containers, as a scaler would write them."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from scaler.history.entry import Entry, slot
from scaler.history.row import Row
from scaler.usage.long_window import LongWindow, Used, added
from store.model import Workload
from store.reasons import Reason
from store.records import Change

START = 1_795_000_500.0
"""In seconds since the epoch: the beginning of a quarter of an hour."""
WINDOW = 8 * 86400.0


def workload(name: str = "web") -> Workload:
    return Workload("apps/v1", "Deployment", "shop", name)


def row(at: float, cpu: float = 100.0, **more: Any) -> Row:
    made = Row(slot(at), 60, cpu, cpu + 10, 0.25, 10 * 2**20, 20 * 2**20, 250, 500, 2**26, 2**27)
    return replace(made, **more)


def entry(at: float, names: Iterable[str] = ("web",), cpu: float = 100.0) -> Entry:
    return Entry(at, {(workload(name), "nginx"): row(at, cpu) for name in names})


def change(at: str, revision: int = 1, container: str = "nginx") -> Change:
    return Change(at, revision, container, "cpu", "500m", "1", Reason.DOUBLED)


def window(minutes: int, at: float = START) -> LongWindow:
    """A long window of so many minutes, the last of them at a time."""
    made: LongWindow | None = None
    for number in range(minutes):
        when = at - 60.0 * (minutes - 1 - number)
        made = added(made, Used(float(number % 300), 2**20 + number, number), when, WINDOW)
    assert made is not None
    return made
