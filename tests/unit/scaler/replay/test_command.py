"""`python -m scaler simulate`, as a process and by its main."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scaler.policies.policy import Horizon, Patience
from scaler.replay import command
from tests.unit.test_purity import ROOT


def ran(*arguments: str) -> int:
    return command.main(arguments, Patience(), Horizon())


@pytest.fixture
def trace(tmp_path: Path) -> str:
    path = tmp_path / "busy.csv"
    path.write_text("seconds,cpu_millicores\n" + "".join(f"{60 * n},900\n" for n in range(1, 30)))
    return str(path)


def test_all_policies_side_by_side(trace: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(trace) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[2:]] == [
        ["busy.csv", "double"],
        ["busy.csv", "track"],
        ["busy.csv", "none"],
    ]


def test_json_and_a_picture(trace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "out.svg"
    assert ran(trace, "--json", "--policy", "track", "--svg", str(picture)) == 0
    [got] = json.loads(capsys.readouterr().out)
    assert (got["policy"], got["sizes"][0]["limits"]["cpu"]) == ("track", "200m")
    assert ElementTree.fromstring(picture.read_text()).tag.endswith("svg")


def test_the_start_is_the_users(trace: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(trace, "--json", "--policy", "none", "--request", "1", "--limit", "") == 0
    [got] = json.loads(capsys.readouterr().out)
    assert got["sizes"][0]["requests"]["cpu"] == "1"
    assert "cpu" not in got["sizes"][0]["limits"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--request", "lots"), '--request: "lots" is not a quantity'),
        (("--request", "2", "--limit", "1"), "--request is above --limit"),
        (("--policy", "trak"), "invalid choice"),
        (("--svg", "/nowhere/at/all.svg"), "No such file"),
    ],
)
def test_bad_arguments_end_with_2(
    trace: str, arguments: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(trace, *arguments) == 2
    assert why in capsys.readouterr().err


def test_bad_traces_end_with_2_and_their_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("0,1\n60,x\n")
    assert ran(str(bad)) == 2
    assert capsys.readouterr().err == f'simulate: {bad}:2:4: "x" is not an amount\n'
    bad.write_bytes(b"0,1\n60,\xff\n")
    assert ran(str(bad)) == 2
    assert f"{bad}:2:4: no text" in capsys.readouterr().err
    assert ran(str(tmp_path / "none.csv")) == 2
    assert "none.csv" in capsys.readouterr().err
    assert ran() == 2


def test_it_is_a_command_of_the_program(trace: str) -> None:
    run = [sys.executable, "-m", "scaler", "simulate", trace, "--policy", "track"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "busy.csv" in done.stdout
