"""Long windows in the file: read again exactly as they were, whenever the writer was killed."""

import sqlite3
from collections.abc import Iterator

import pytest

from scaler.history import schema, windows
from scaler.history.windows import WindowWriter
from scaler.usage import long_window
from scaler.usage.long_window import LongWindow, Used
from tests.unit.scaler.history.entries import START, WINDOW, window


@pytest.fixture
def empty() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.executescript(schema.TABLES)
    yield made
    made.close()


def grown(old: LongWindow | None, number: int) -> LongWindow:
    used = Used(37.0 * (number % 11), 2**20 * (number % 7), number if number % 3 else None)
    return long_window.added(old, used, START + 60.4 * number, WINDOW)


def test_windows_are_the_same_after_each_of_the_minutes_of_three_hours(
    empty: sqlite3.Connection,
) -> None:
    writer, now = WindowWriter(empty), dict.fromkeys(range(40), window(5))
    for number in range(1, 180):
        now = {key: grown(one, number + key % 2) for key, one in now.items()}
        writer.write(now)
        assert windows.read(empty, WINDOW) == now


def test_another_process_goes_on_where_one_was_killed(empty: sqlite3.Connection) -> None:
    now = {1: window(3000), 2: window(10)}
    for number in range(1, 200):
        now = {key: grown(one, number) for key, one in now.items()}
        if number % 7 == 0:
            writer = WindowWriter(empty)
            writer.write(now)
        elif number > 7:
            writer.write(now)
        if number >= 7:
            assert windows.read(empty, WINDOW) == now


def test_a_minute_is_written_in_a_fraction_of_what_a_window_has(empty: sqlite3.Connection) -> None:
    writer, now = WindowWriter(empty), dict.fromkeys(range(90), window(3000))
    written = []
    for number in range(1, 121):
        now = {key: grown(one, number) for key, one in now.items()}
        writer.write(now)
        turn = f"SELECT count(*) FROM windows WHERE at = {now[0].at}"
        written.append(empty.execute(turn).fetchone()[0])
    assert max(written) == 8, "in turns"
    assert sum(written[60:]) <= 2 * 90, "about once an hour each"
    used = empty.execute("SELECT count(*) FROM used").fetchone()[0]
    assert used <= 90 * 75, "what is in all windows is not kept any longer"


def test_memory_of_a_minute_whose_cpu_is_left_out_is_written_too(empty: sqlite3.Connection) -> None:
    writer, first = WindowWriter(empty), window(3)
    writer.write({1: first})
    more = long_window.held(first, 2**40, 2**39)
    writer.write({1: more})
    assert windows.read(empty, WINDOW) == {1: more}


def test_a_container_that_has_no_window_any_more_has_none_in_the_file(
    empty: sqlite3.Connection,
) -> None:
    writer, later = WindowWriter(empty), grown(window(3), 1)
    writer.write({1: window(3), 2: window(3)})
    writer.write({2: later})
    writer.write({2: grown(later, 2)})
    assert [*windows.read(empty, WINDOW)] == [2]


def test_what_another_release_wrote_is_an_error_of_its_own_kind(empty: sqlite3.Connection) -> None:
    empty.execute("INSERT INTO windows VALUES (1, 0.0, x'93')")
    with pytest.raises(ValueError, match="Expected `array`"):
        windows.read(empty, WINDOW)
