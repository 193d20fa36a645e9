"""The file: made, used again, or set aside with one line in the log."""

import logging
import sqlite3
from pathlib import Path

import pytest

from scaler.history import file, schema
from scaler.history.file import ASIDE
from scaler.history.history import History
from scaler.history.writing import Writer
from tests.unit.scaler.history.entries import START, entry, workload

MOST = 64 * 2**20


def write(path: Path) -> None:
    opened = file.opened(str(path), MOST)
    Writer(opened, MOST).write(entry(START))
    opened.close()


def rows(path: Path) -> int:
    return len(History(str(path)).minutes(workload(), "nginx", 0, 1e12))


def test_a_missing_file_is_made_with_the_version_and_a_write_ahead_log(tmp_path: Path) -> None:
    opened = file.opened(str(tmp_path / "history"), MOST)
    assert opened.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    opened.close()


def test_a_file_that_is_there_is_used_again(tmp_path: Path) -> None:
    write(tmp_path / "history")
    file.opened(str(tmp_path / "history"), MOST).close()
    assert rows(tmp_path / "history") == 1


@pytest.mark.parametrize(
    "content", [b"no database at all " * 400, b"SQLite format 3\0" + b"\xff" * 8000]
)
def test_what_is_no_database_is_set_aside_and_a_new_file_begins(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "history"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        write(path)
    assert rows(path) == 1
    assert (tmp_path / f"history{ASIDE}").read_bytes() == content
    assert [r.message for r in caplog.records] == ["history set aside, a new one begins"]


def test_a_file_of_another_version_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "history"
    write(path)
    with sqlite3.connect(path) as found:
        found.execute("PRAGMA user_version = 99")
    found.close()
    write(path)
    assert rows(path) == 1
    assert (tmp_path / f"history{ASIDE}").exists()


def test_only_the_last_file_that_was_set_aside_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "history"
    for content in (b"first" * 1000, b"second" * 1000):
        path.write_bytes(content)
        write(path)
    assert (tmp_path / f"history{ASIDE}").read_bytes() == b"second" * 1000
    assert {p.name for p in tmp_path.iterdir()} == {"history", f"history{ASIDE}"}


def test_a_log_without_its_file_goes_with_the_file_that_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b"no database" * 1000)
    (tmp_path / "history-wal").write_bytes(b"left over" * 1000)
    write(path)
    assert rows(path) == 1


def test_a_file_that_cannot_be_made_is_an_error_and_not_set_aside(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        file.opened(str(tmp_path / "missing" / "history"), MOST)


@pytest.mark.parametrize(
    ("name", "damaged"),
    [("SQLITE_CORRUPT_VTAB", True), ("SQLITE_NOTADB", True), ("SQLITE_FULL", False), ("", False)],
)
def test_which_errors_mean_that_the_file_is_damaged(name: str, damaged: bool) -> None:
    error = sqlite3.DatabaseError("as given")
    error.sqlite_errorname = name
    assert file.damaged(error) is damaged
