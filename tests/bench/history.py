"""What the history of 1,000 containers costs: writes in CPU seconds, bytes on disk, the start.

Eight days are written, minute by minute, into a real file. In the last two hours all that a scaler
writes is written: readings as they come, what it knows, and the long windows of all containers.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random

from scaler.history import beats, file, recall, state
from scaler.history.entry import Entry, slot
from scaler.history.history import History
from scaler.history.row import Row
from scaler.history.state import Remembered
from scaler.history.writing import Writer
from scaler.model import Stretch
from scaler.usage import long_window
from scaler.usage.kernel import Kernel
from scaler.usage.long_window import LongWindow, Used
from scaler.usage.window import Reading
from store.model import Workload
from tests.bench.results import Figure, Measured, median, rounded

CONTAINERS, DAYS, WHOLE = 1000, 8, 120
_START = 1_795_000_500.0
_MOST = 256 * 2**20
_SPACING = 10.0  # seconds between two readings of a kubelet
_KINDS = 20  # different long windows: making each costs a second

WORKLOADS = [
    Workload("apps/v1", "Deployment", f"namespace-{n % 50}", f"some-deployment-{n}")
    for n in range(CONTAINERS)
]


def measure() -> Measured:
    """About a minute and a half of CPU."""
    with tempfile.TemporaryDirectory() as folder:
        path, chance = str(Path(folder) / "history"), Random(1)
        writer = Writer(file.opened(path, _MOST), _MOST)
        total = DAYS * 1440
        for number in range(total - WHOLE):
            writer.write(_minute(number, chance))
        costs, beaten = _whole(writer, total, chance)
        size = sum(p.stat().st_size for p in Path(folder).iterdir())
        start, found = _recalled(path)
        rows, one = _read(path)
    minute = [a + b for a, b in zip(costs, beaten, strict=True)]
    return Measured(
        [
            Figure("a minute's writes", round(median(minute), 3), "s CPU", 0.2),
            Figure("of that, readings as they come", round(median(beaten), 3), "s CPU"),
            Figure("the longest minute's writes", round(max(minute), 3), "s CPU"),
            Figure("eight days on disk", round(size / 1e6, 1), "MB", 150.0),
            Figure("all taken up at the start", round(start, 2), "s CPU", 2.0),
            Figure("eight days of one container read", round(one, 3), "s CPU"),
        ],
        {"containers": CONTAINERS, "days": DAYS, "long windows": found, "rows of one": rows},
        {"minutes": rounded(minute, 4)},
    )


def _minute(number: int, chance: Random) -> Entry:
    now = _START + 60.0 * number
    rows = {}
    for n, workload in enumerate(WORKLOADS):
        cpu, more = 100.0 + n, chance.random()
        memory = int(8e7 * more), int(2e8 * more)
        size = 250 + number // (300 + n), 500, 2**26, 2**27
        rows[workload, "app"] = Row(slot(now), 60, cpu * more, cpu, more, *memory, *size)
    return Entry(now, rows)


def _whole(writer: Writer, total: int, chance: Random) -> tuple[list[float], list[float]]:
    """CPU seconds of each minute's transaction, and of each minute's readings."""
    kinds = [_window(chance, total - WHOLE) for _ in range(_KINDS)]
    windows = {w: kinds[n % _KINDS] for n, w in enumerate(WORKLOADS)}
    before: dict[beats.Key, tuple[Reading, ...]] = {}
    costs, beaten = [], []
    for number in range(total - WHOLE, total):
        made = _minute(number, chance)
        used = Used(chance.uniform(50, 90), 10**8, 10**7)
        windows = {
            w: long_window.added(one, used, made.now, DAYS * 86400.0) for w, one in windows.items()
        }
        spent = 0.0
        for part in range(int(60 / _SPACING)):
            after = _readings(made.now + _SPACING * part, before)
            began = time.process_time()
            writer.beat(beats.beat(after, before))
            spent += time.process_time() - began
            before = after
        began = time.process_time()
        known = Remembered({w: {"app": Stretch(600.0, made.now, 123.0)} for w in WORKLOADS})
        long: Mapping[Workload, Mapping[str, LongWindow]]
        long = {w: {"app": one} for w, one in windows.items()}
        writer.write(Entry(made.now, made.rows, {}, state.encoded(known), long))
        costs.append(time.process_time() - began)
        beaten.append(spent)
    return costs, beaten


def _window(chance: Random, until: int) -> LongWindow:
    made: LongWindow | None = None
    for number in range(until - DAYS * 1440, until):
        cpu, memory = chance.lognormvariate(4, 1), int(1e8 * chance.random())
        used, at = Used(cpu, memory, memory // 2), _START + 60.0 * number
        made = long_window.added(made, used, at, DAYS * 86400.0)
    assert made is not None
    return made


def _readings(
    now: float, before: Mapping[beats.Key, tuple[Reading, ...]]
) -> dict[beats.Key, tuple[Reading, ...]]:
    found = {}
    for n, w in enumerate(WORKLOADS):
        key = w.namespace, f"{w.name}-7f8c9d5b6-abcde", "app", "node-1"
        kernel = Kernel(now, now / 10, 1e3, 9 * 10**7 + n, 12.5, 3.0)
        new = Reading(now, now + 1.5, now / 100, 10**8 + n, _START, kernel=kernel)
        found[key] = (*before.get(key, ())[-12:], new)
    return found


def _recalled(path: str) -> tuple[float, int]:
    began = time.process_time()
    opened = file.opened(path, _MOST)
    found = recall.recalled(opened, DAYS * 86400.0)
    spent = time.process_time() - began
    opened.close()
    if len(found.readings) != CONTAINERS:
        raise RuntimeError("not all that was written has been read")
    return spent, len(found.long)


def _read(path: str) -> tuple[int, float]:
    began = time.process_time()
    rows = History(path).minutes(WORKLOADS[7], "app", 0.0, 1e12)
    return len(rows), time.process_time() - began
