"""The Go client that sends reviews like an API server: built once, in the test cluster's cache."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.own_source import OwnSource
from tests.cluster.build import commands_of

NAME = "reviewload"
REAL_TIME = ("chrt", "--rr", "1")


class _Client(OwnSource):
    """Our own code: its version is a hash of its source."""

    FOLDER = "go"

    @property
    def version(self) -> str:
        return self.key


def built() -> Path:
    """The path of the built program."""
    part = _Client(NAME, "podtailor.io/bench", (f"./{NAME}",), ())
    return commands_of(part, os.environ)[NAME]


@dataclass(frozen=True)
class Asking:
    """One run of the client."""

    url: str
    ca: Path
    bodies: Path
    expect: str
    rate: int = 200
    warm: int = 5
    seconds: int = 60
    real_time: bool = False

    def run(self) -> dict[str, Any]:
        """Run it; its report, see ask.go. Raises CalledProcessError."""
        command = [*(REAL_TIME if self.real_time else ()), str(built()), f"-url={self.url}"]
        command += [f"-ca={self.ca}", f"-bodies={self.bodies}", f"-expect={self.expect}"]
        command += [f"-rate={self.rate}", f"-warm={self.warm}s", f"-length={self.seconds}s"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        report: dict[str, Any] = json.loads(done.stdout)
        return report


@contextmanager
def answering(port: int, folder: Path, expect: str) -> Iterator[subprocess.Popen[bytes]]:
    """A bare server in Go that answers every request with `expect`."""
    command = [str(built()), "-serve", f"-listen=127.0.0.1:{port}", f"-expect={expect}"]
    command += [f"-cert={folder / 'tls.crt'}", f"-key={folder / 'tls.key'}"]
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def prioritise(pid: int) -> None:
    """Let every thread of a process run before all ordinary work. Raises PermissionError."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


def can_prioritise() -> bool:
    """Whether this machine allows that."""
    try:
        return subprocess.run([*REAL_TIME, "true"], capture_output=True).returncode == 0
    except OSError:
        return False
