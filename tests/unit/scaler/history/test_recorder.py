"""The thread that keeps the file: what it reads, writes, and says where it cannot."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from scaler.history import beats, state
from scaler.history.beats import Key
from scaler.history.entry import Entry
from scaler.history.file import ASIDE
from scaler.history.history import History
from scaler.history.recall import Recalled
from scaler.history.recorder import Recorder
from scaler.history.state import Remembered
from scaler.usage.window import Reading
from tests.unit.scaler.history.entries import START, WINDOW, entry, window, workload

MOST = 64 * 2**20


class Kept:
    """A recorder of a file; each `wrote` is a process of its own."""

    def __init__(self, path: Path) -> None:
        self.path, self.degraded = path, list[bool]()

    def recorder(self) -> Recorder:
        return Recorder(str(self.path), MOST, WINDOW, self.degraded.append)

    def wrote(self, *entries: Entry) -> Recalled:
        """What the process had taken up before it wrote these."""
        one = self.recorder()
        one.start()
        taken_up = one.recalled(5.0)
        for given in entries:
            one.write(given)
            one.stop(5.0) if given is entries[-1] else _until_written(one)
        one.stop(5.0)
        return taken_up

    def rows(self) -> int:
        return len(History(str(self.path)).minutes(workload(), "nginx", 0, 1e12))


def _until_written(one: Recorder) -> None:
    while one.given:
        time.sleep(0.001)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    (tmp_path / "data").mkdir()
    yield Kept(tmp_path / "data" / "history")


FULL = replace(
    entry(START),
    state=state.encoded(Remembered(missing={workload(): START})),
    long={workload(): {"nginx": window(5)}},
)


def test_a_new_file_has_nothing_to_take_up(kept: Kept) -> None:
    assert kept.wrote() == Recalled()


def test_the_next_process_takes_up_what_the_last_one_knew(kept: Kept) -> None:
    kept.wrote(FULL)
    got = kept.wrote()
    assert got.remembered.missing == {workload(): START}
    assert got.long == {workload(): {"nginx": window(5)}}
    assert kept.degraded == [False, False, False]


def test_a_minute_is_due_once_and_again_when_the_clock_was_set_back(kept: Kept) -> None:
    one = kept.recorder()
    assert one.due(START)
    one.write(entry(START))
    assert [one.due(START + s) for s in (0.0, 59.9, 60.0, -1.0)] == [False, False, True, True]


def test_what_cannot_be_decoded_is_left_out_with_one_line(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.wrote(replace(FULL, state=b"of another release"))
    with caplog.at_level(logging.WARNING):
        assert kept.wrote() == Recalled()
    assert [r.message for r in caplog.records] == ["history not taken up"]
    assert kept.rows() == 1, "the minutes stay"


def test_a_damaged_file_is_set_aside_while_it_is_in_use_and_a_new_one_begins(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.wrote(*(entry(START + 60 * n, [f"web-{i}" for i in range(200)]) for n in range(9)))
    content = kept.path.read_bytes()
    kept.path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    with caplog.at_level(logging.WARNING):
        kept.wrote(entry(START + 600))
    assert kept.rows() == 1
    assert Path(f"{kept.path}{ASIDE}").exists()
    assert sum(r.message == "history set aside, a new one begins" for r in caplog.records) == 1


def test_a_directory_that_is_missing_is_said_once_and_tried_with_each_write(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.path.parent.rmdir()
    one = kept.recorder()
    with caplog.at_level(logging.INFO):
        one.start()
        assert one.recalled(5.0) == Recalled()
        one.write(entry(START))
        _until_written(one)
        while len(kept.degraded) < 2:
            time.sleep(0.001)
        kept.path.parent.mkdir()
        one.write(entry(START + 60))
        one.stop(5.0)
    assert kept.degraded == [True, True, False]
    assert [r.message for r in caplog.records] == ["history not kept", "history kept again"]
    assert kept.rows() == 1


def test_a_full_disk_costs_the_minute_and_nothing_else(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.wrote(entry(START))
    full = kept.recorder()
    full._most = 50_000
    with caplog.at_level(logging.WARNING):
        full.start()
        full.recalled(5.0)
        full.write(replace(entry(START + 60), state=b"x" * 500_000))
        full.stop(5.0)
    assert kept.degraded[-1]
    (line,) = (r for r in caplog.records if r.message == "history not kept")
    assert "full" in line.__dict__["error"]
    assert kept.rows() == 1
    kept.wrote(entry(START + 120))
    assert (kept.rows(), kept.degraded[-1]) == (2, False)


def test_another_process_that_has_written_in_between_costs_nothing(kept: Kept) -> None:
    first = kept.recorder()
    first.start()
    first.recalled(5.0)
    first.write(entry(START))
    _until_written(first)
    kept.wrote(entry(START + 60, ("web", "new")))
    first.write(entry(START + 120, ("web", "new")))
    first.stop(5.0)
    assert kept.rows() == 3
    assert not any(kept.degraded)


def test_a_lock_that_is_held_holds_up_nobody(kept: Kept) -> None:
    kept.wrote(entry(START))
    held = sqlite3.connect(kept.path, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    one = kept.recorder()
    one.start()
    one.recalled(5.0)
    one.write(entry(START + 60))
    one.write(entry(START + 120))
    held.execute("ROLLBACK")
    held.close()
    one.stop(10.0)
    assert kept.rows() in (2, 3)


def test_readings_are_written_as_they_come(kept: Kept) -> None:
    one = kept.recorder()
    one.start()
    one.recalled(5.0)
    before: dict[Key, tuple[Reading, ...]] = {}
    for n in range(5):
        key = "shop", "web-1", "nginx", "node"
        new = Reading(START + 10 * n, START + 10 * n, 1.0 * n, 1, START - 600)
        after = {key: (*before.get(key, ()), new)}
        one.beat(beats.beat(after, before))
        before = after
    one.stop(5.0)
    assert kept.wrote().readings == before
