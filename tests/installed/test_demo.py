"""The thesis's experiment, as `make demo` runs it, against the installed release."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.installed.release import Release

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_demo_succeeds_with_the_installed_system(release: Release) -> None:
    command = [sys.executable, "-m", "tests.demo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=480)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "requests failed during the change" in done.stdout
    failed = next(line for line in done.stdout.splitlines() if "requests failed" in line)
    surge, resized, evicted = (int(n) for n in failed.split()[-3:])
    assert surge == resized == 0, failed
    assert evicted >= surge
