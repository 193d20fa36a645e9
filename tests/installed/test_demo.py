"""The thesis's experiment, as `make demo` runs it, against the installed release."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kube import timestamps
from tests.demo import others
from tests.demo.__main__ import STATUS
from tests.e2e.workloads import until
from tests.installed.release import Release
from tests.installed.test_page import asked, forwarded

ROOT = Path(__file__).parents[2]
SOON = 10.0
"""Seconds from a load step to the decision, with the node agent, on a busy machine."""


@pytest.mark.slow
def test_the_demo_succeeds_with_the_installed_system(privileged: Release) -> None:
    command = [sys.executable, "-m", "tests.demo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=480)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    surge, resized, stepped, evicted = row(done.stdout, "requests failed during the change")
    assert surge == resized == stepped == 0 <= evicted, done.stdout
    assert row(done.stdout, "pods replaced") == [2, 0, 0, 2], done.stdout
    waited = re.search(r"load step -> decision.* by hand +([0-9.]+) s +by hand", done.stdout)
    assert waited and float(waited[1]) < SOON, done.stdout
    assert "with the node agent" in (ROOT / "build/demo.svg").read_text()
    assert len(others.REASONS) == 10 and others.all_explained(done.stdout)
    assert done.stdout.count("to act: ") == 10, "each says what would have to change"
    space = re.findall(r"ReplicationController (\S+)/web", done.stdout)[0]
    on_the_page(privileged, space)
    still_explained(space)


def row(text: str, name: str) -> list[int]:
    """The numbers of a row of the table."""
    line = next(line for line in text.splitlines() if line.startswith(name))
    return [int(word) for word in line.removeprefix(name).split()]


def still_explained(space: str) -> None:
    """The same command has the last words on all ten, though they are gone."""

    def said() -> str:
        return subprocess.run([*STATUS, space], capture_output=True, text=True).stdout

    until(lambda: others.all_explained(text := said()) and text.count(" Gone ") == 10, 30, said)


def on_the_page(release: Release, space: str) -> None:
    """The doubled limit stands at the time at which it was decided, though the workload is gone."""
    with forwarded(release) as url:
        path = f"/api/workload/{space}/ReplicationController/web?hours=1"
        found = json.loads(asked(url + path)[1])
    first = found["changes"][-1]
    assert (first["resource"], first["from"], first["to"]) == ("cpu", "500m", "1")
    (series,) = found["series"]
    before = [limit for limit in series["cpuLimit"] if limit]
    assert before[0] == 500, "minutes of before are kept"
    begun = timestamps.seconds(first["at"]) or 0.0
    assert series["at"][0] < begun
