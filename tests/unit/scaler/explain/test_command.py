"""What `explain` does without its history; the command itself: tests/e2e/test_explain.py."""

from pathlib import Path

import pytest

from scaler.explain.command import _recalled
from scaler.history import file
from scaler.history.history import History
from scaler.history.recall import Recalled


def test_a_history_that_cannot_be_read_is_said_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history"
    path.write_bytes(b"no database at all" * 1000)
    history, found = _recalled(History(str(path)), 3600.0)
    assert found == Recalled() and not history.there
    assert f"the history at {path} cannot be read" in capsys.readouterr().err


def test_one_that_can_be_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "history")
    file.opened(path, 2**22).close()
    history, found = _recalled(History(path), 3600.0)
    assert (history.path, found, capsys.readouterr().err) == (path, Recalled(), "")
