"""Minutes become quarters, old ones go, and the file stays within its size."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.history import file, thinning
from scaler.history.entry import Entry
from scaler.history.history import History
from scaler.history.row import Row
from scaler.history.writing import Writer
from tests.unit.scaler.history.entries import START, change, entry, row, workload

MOST = 64 * 2**20
DAY = 86400.0


class Filled:
    """A file, and what writes to it."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.file = file.opened(self.path, MOST)
        self.writer = Writer(self.file, MOST)

    def minutes(self, name: str = "web") -> list[Row]:
        return [*History(self.path).minutes(workload(name), "nginx", 0, 1e12)]


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Filled]:
    made = Filled(tmp_path / "history")
    yield made
    made.file.close()


def quarter(filled: Filled, begin: float) -> None:
    """Fifteen minutes that use 0, 10, 20 … 140 millicores."""
    for n in range(15):
        at = begin + 60 * (n + 1)
        given = row(at, 10.0 * n, throttled=None if n < 5 else 0.3, memory=n * 1024)
        filled.writer.write(Entry(at, {(workload(), "nginx"): given}))


def test_minutes_of_a_day_ago_become_one_quarter_with_their_mean_and_peaks(filled: Filled) -> None:
    quarter(filled, START)
    filled.writer.write(entry(START + DAY + 1800))
    merged, _ = filled.minutes()
    assert merged == replace(
        row(START + 60, 70.0, throttled=0.3, memory=14 * 1024), seconds=900, cpu_max=150.0
    )


def test_minutes_of_the_last_day_stay_as_they_are(filled: Filled) -> None:
    quarter(filled, START)
    filled.writer.write(entry(START + DAY - 60))
    assert len(filled.minutes()) == 16


def test_what_nobody_measured_is_not_in_a_quarter(filled: Filled) -> None:
    for at in (START + 60, START + 660):
        filled.writer.write(entry(at))
    filled.writer.write(entry(START + DAY + 1800))
    assert [r.seconds for r in filled.minutes()] == [120, 60]


def test_a_clock_that_went_back_a_day_makes_no_quarter_longer_than_one(filled: Filled) -> None:
    for _ in range(2):
        quarter(filled, START)
        filled.writer.write(entry(START + DAY + 1800))
    assert [r.seconds for r in filled.minutes()] == [900, 60]


def test_what_is_eight_days_old_goes_with_its_changes_sizes_and_names(filled: Filled) -> None:
    line = change(timestamps.text(START))
    filled.writer.write(replace(entry(START, ("old",)), changes={workload("old"): (line,)}))
    filled.writer.write(entry(START + 60))
    for later in (120, 7200):
        filled.writer.write(entry(START + 8 * DAY + later))
    assert filled.minutes("old") == []
    history = History(filled.path)
    assert history.changes(workload("old"), 0, 1e12) == ()
    assert history.containers() == ((workload(), "nginx"),)
    assert filled.minutes()[-1].cpu_limit == 500, "a size in force stays, however old"


def test_a_clock_that_jumps_years_ahead_for_a_minute_costs_four_times_at_most(
    filled: Filled,
) -> None:
    for n in range(10):
        filled.writer.write(entry(START + 3600 * n))
    filled.writer.write(entry(START + 9999 * DAY))
    filled.writer.write(entry(START + 3600 * 10))
    assert len(filled.minutes()) == 10 - 4 + 2


def test_at_its_size_the_file_loses_the_oldest_minutes_first(tmp_path: Path) -> None:
    small, names = 300_000, [f"w{n}" for n in range(100)]
    opened = file.opened(str(tmp_path / "history"), small)
    writer = Writer(opened, small)
    for n in range(200):
        writer.write(entry(START + 60 * n, names))
    opened.close()
    times = [
        r.at for r in History(str(tmp_path / "history")).minutes(workload("w1"), "nginx", 0, 1e12)
    ]
    assert times[-1] == START + 60 * 198
    assert times == [*range(times[0], times[-1] + 60, 60)]
    assert 20 < len(times) < 200
    assert (tmp_path / "history").stat().st_size <= small


def test_what_is_free_in_the_file_counts_as_free(filled: Filled) -> None:
    before = thinning.occupied(filled.file)
    filled.writer.write(replace(entry(START), state=b"x" * 200_000))
    grown = thinning.occupied(filled.file)
    filled.writer.write(replace(entry(START + 60), state=b"x"))
    assert before + 150_000 < grown
    assert thinning.occupied(filled.file) < before + 100_000
