"""Every suite can be set up as far as that takes no cluster: a missing fixture is found here.

Suites that `make check` does not run, or nobody for weeks, would otherwise say so only then.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITES = ("bench", "chart", "e2e", "faults", "image", "installed", "nodes", "page")


def test_no_suite_asks_for_a_fixture_that_is_not_there() -> None:
    folders = [f"tests/{name}" for name in SUITES]
    command = [sys.executable, "-m", "pytest", "-q", "--setup-plan", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
