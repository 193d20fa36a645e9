"""What is written into the file, as whoever reads it gets it."""

import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from scaler.history import file
from scaler.history.entry import Entry
from scaler.history.history import History, HistoryError
from scaler.history.row import Row
from scaler.history.writing import Writer
from store.model import Workload
from tests.unit.scaler.history.entries import START, change, entry, row, workload

MOST = 64 * 2**20
FIRST = START + 60.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "history.sqlite")


def written(path: str, *entries: Entry) -> History:
    opened = file.opened(path, MOST)
    writer = Writer(opened, MOST)
    for one in entries:
        writer.write(one)
    opened.close()
    return History(path)


def all_of(history: History, name: str = "web") -> tuple[Row, ...]:
    return history.minutes(workload(name), "nginx", 0.0, 1e12)


def test_minutes_are_read_as_they_were_written_oldest_first(path: str) -> None:
    entries = [entry(FIRST + 60 * n, cpu=100.0 + n) for n in range(3)]
    history = written(path, *entries)
    assert all_of(history) == tuple(r for e in entries for r in e.rows.values())


def test_minutes_are_those_that_begin_within_the_time_that_is_asked_for(path: str) -> None:
    history = written(path, *(entry(FIRST + 60 * n) for n in range(4)))
    got = history.minutes(workload(), "nginx", START + 60, START + 180)
    assert [r.at - START for r in got] == [60, 120]


def test_request_and_limit_are_those_that_were_in_force(path: str) -> None:
    larger = {(workload(), "nginx"): row(FIRST + 120, cpu_limit=1000, memory_limit=None)}
    entries = entry(FIRST), entry(FIRST + 60), Entry(FIRST + 120, larger), entry(FIRST + 180)
    got = all_of(written(path, *entries))
    assert [r.cpu_limit for r in got] == [500, 500, 1000, 500]
    assert [r.memory_limit for r in got] == [2**27, 2**27, None, 2**27]


def test_another_process_goes_on_with_the_same_containers_and_sizes(path: str) -> None:
    written(path, entry(FIRST))
    got = all_of(written(path, entry(FIRST + 60)))
    assert [r.cpu_limit for r in got] == [500, 500]
    assert History(path).containers() == ((workload(), "nginx"),)


def test_workloads_of_one_name_are_told_apart_by_kind_and_api_version(path: str) -> None:
    other = Workload("v1", "ReplicationController", "shop", "web")
    both = {(workload(), "nginx"): row(FIRST, 1.0), (other, "nginx"): row(FIRST, 2.0)}
    history = written(path, Entry(FIRST, both))
    assert [r.cpu_mean for r in all_of(history)] == [1.0]
    assert [r.cpu_mean for r in history.minutes(other, "nginx", 0, 1e12)] == [2.0]


def test_changes_are_read_newest_first_and_each_once(path: str) -> None:
    first, second = change("2026-11-18T20:30:00Z"), change("2026-11-18T20:40:00Z", 2, "proxy")
    begun = replace(entry(FIRST), changes={workload(): (first,)})
    again = replace(entry(FIRST + 60), changes={workload(): (second, first)})
    history = written(path, begun, again)
    assert history.changes(workload(), 0.0, 1e12) == (second, first)
    assert history.changes(workload("other"), 0.0, 1e12) == ()
    assert history.changes(workload(), 0.0, 1.0) == ()


def test_a_clock_that_steps_back_writes_its_minute_again(path: str) -> None:
    entries = entry(FIRST), entry(FIRST + 60), entry(FIRST + 120), entry(FIRST + 50, cpu=7.0)
    got = all_of(written(path, *entries))
    assert [(r.at - START, r.cpu_mean) for r in got] == [(0, 7.0), (60, 100.0), (120, 100.0)]
    assert {r.seconds for r in got} == {60}


def test_everything_is_read_in_order_of_time(path: str) -> None:
    history = written(path, *(entry(FIRST + 60 * n, ("a", "b")) for n in range(2)))
    got = [(w.name, name, r.at - START) for w, name, r in history.all(0.0, 1e12)]
    assert got == [("a", "nginx", 0), ("b", "nginx", 0), ("a", "nginx", 60), ("b", "nginx", 60)]


def test_another_thread_reads_while_one_writes(path: str) -> None:
    opened = file.opened(path, MOST)
    writer, found = Writer(opened, MOST), list[int]()
    writer.write(entry(FIRST))
    history = History(path)

    def read() -> None:
        found.append(len(all_of(history)))

    opened.execute("BEGIN IMMEDIATE")
    thread = threading.Thread(target=read)
    thread.start()
    thread.join(5)
    assert found == [1], "a reader waits for no writer"
    opened.execute("ROLLBACK")
    opened.close()


def test_without_a_file_the_history_is_empty(tmp_path: Path) -> None:
    for missing in ("", str(tmp_path / "none")):
        history = History(missing)
        assert (all_of(history), history.containers()) == ((), ())
        assert history.changes(workload(), 0, 1e12) == ()
        assert not (tmp_path / "none").exists(), "reading makes no file"


def test_a_damaged_file_is_said_to_be_one(path: str) -> None:
    Path(path).write_bytes(b"no database" * 1000)
    with pytest.raises(HistoryError, match=r"history\.sqlite cannot be read: .*not a database"):
        all_of(History(path))


def test_a_file_of_another_version_is_not_read(path: str) -> None:
    opened = file.opened(path, MOST)
    opened.execute("PRAGMA user_version = 99")
    opened.close()
    with pytest.raises(HistoryError, match="of version 99"):
        all_of(History(path))
