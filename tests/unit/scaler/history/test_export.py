"""`python -m scaler export` as a program: what it prints, and its errors."""

import csv
import io
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler import recording
from scaler.__main__ import main
from scaler.history import file
from scaler.history.writing import Writer
from tests.unit.scaler.history.entries import change, entry, workload

MOST = 64 * 2**20
ROOT = Path(__file__).parents[4]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Minutes of two workloads of three hours, one of every hour, and a change."""
    opened, now = file.opened(str(tmp_path / recording.FILE), MOST), time.time()
    writer = Writer(opened, MOST)
    for hours in (3, 2, 1):
        at = now - 3600 * hours
        line = change(timestamps.text(at), 4 - hours)
        made = replace(entry(at, ("web", "api")), changes={workload("web"): (line,)})
        writer.write(made)
    opened.close()
    return tmp_path


def run(directory: Path, *arguments: str) -> int:
    return main(["export", *arguments], {"PODTAILOR_SCALER_HISTORY_PATH": str(directory)})


def test_all_minutes_are_printed_as_csv(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(directory) == 0
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert [r["workload"] for r in rows] == ["web", "api"] * 3
    assert {r["cpu_mean_millicores"] for r in rows} == {"100.0"}


def test_one_workload_since_a_time(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(directory, "--since", "150m", "--workload", "shop/deployment/api") == 0
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert [r["workload"] for r in rows] == ["api"] * 2
    since = timestamps.text(time.time() - 4000)
    assert (
        run(directory, "--since", since, "--until", "1m", "--workload", "shop/Deployment/api") == 0
    )
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_changes_as_csv(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(directory, "--changes") == 0
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert [(r["workload"], r["revision"], r["to"]) for r in rows] == [
        ("web", "3", "1"),
        ("web", "2", "1"),
        ("web", "1", "1"),
    ]


def test_line_protocol_has_minutes_and_changes(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(directory, "--format", "influx") == 0
    names = [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["podtailor_usage"] * 6 + ["podtailor_change"] * 3


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--since", "yesterday"], '--since: "yesterday" is neither 90m, 12h or 8d nor a time'),
        (["--workload", "web"], '"web" is not NAMESPACE/KIND/NAME'),
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["more"], "unrecognized arguments: more"),
    ],
)
def test_bad_arguments_end_with_2_and_are_named(
    directory: Path, arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(directory, *arguments) == 2
    assert error in capsys.readouterr().err


def test_without_a_history_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 1
    assert "there is no history: no file at" in capsys.readouterr().err
    assert main(["export"], {}) == 1
    assert "PODTAILOR_SCALER_HISTORY_PATH is not set" in capsys.readouterr().err
    (tmp_path / recording.FILE).write_bytes(b"no database" * 999)
    assert run(tmp_path) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_reader_that_has_enough_ends_it_quietly(directory: Path) -> None:
    command = f"{sys.executable} -m scaler export --format influx --since 8d | head -1"
    done = subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env={"PODTAILOR_SCALER_HISTORY_PATH": str(directory), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stderr, len(done.stdout.splitlines())) == ("", 1)
