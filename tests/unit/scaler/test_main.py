"""The command `python -m scaler`: its help, and its errors for invalid settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from scaler.__main__ import main

ROOT = Path(__file__).parents[3]


def test_the_program_prints_every_error_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"PODTAILOR_SCALER_INTERVAL": "0", "PODTAILOR_SCALER_DRYRUN": "yes"}
    assert main([], given) == 2
    output = capsys.readouterr().err
    assert "SCALER_INTERVAL" in output and "SCALER_DRYRUN" in output


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("-h", 0), ("explode", 2)])
def test_help_prints_every_setting_and_a_bad_argument_ends_with_2(
    argument: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument], {}) == status
    assert "PODTAILOR_SCALER_INTERVAL" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", ["--help", "simulate --help"])
def test_who_has_read_enough_sees_no_complaint(arguments: str) -> None:
    line = f"{sys.executable} -m scaler {arguments} | head -c 0"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
