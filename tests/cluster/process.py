"""Starts, finds and signals the cluster's processes by pid, and never any others.

A pid alone proves nothing: after a crash or a reboot it may belong to any process. So a record
contains the process's start time and boot id, and both are compared before each signal.
"""

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Record:
    """One process of this boot; `started` in clock ticks since boot."""

    pid: int
    started: int
    boot: str

    @property
    def state(self) -> str:
        """The kernel's state letter (R, S, T = stopped …); empty if gone or the pid is reused."""
        fields = _stat(self.pid)
        if self.boot != _BOOT.read_text().strip() or not fields:
            return ""
        return fields[0] if int(fields[19]) == self.started and fields[0] not in "ZX" else ""

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; False if the process no longer exists."""
        try:
            handle = os.pidfd_open(self.pid)  # from here on the pid cannot be reused
        except OSError:
            return False
        try:
            if not self.state:
                return False
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True


def record_of(pid: int) -> Record | None:
    """A record of the current process with that pid; None if there is none."""
    fields = _stat(pid)
    return Record(pid, int(fields[19]), _BOOT.read_text().strip()) if fields else None


def is_dead(pid: int) -> bool:
    """Whether it is a zombie: ended, but not yet reaped by its parent."""
    return _stat(pid)[:1] == ["Z"]


def spawn(argv: tuple[str, ...], environment: dict[str, str], log: Path, pidfile: Path) -> None:
    """Start a process in a session of its own, so that it outlives this command."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            argv,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if record := record_of(process.pid):
        pidfile.write_text(json.dumps(asdict(record)))
    process.returncode = 0  # it keeps running: without this Popen would warn


def recorded(pidfile: Path) -> Record | None:
    """The running process that the file names; None if it is gone or the file incomplete."""
    try:
        record = Record(**json.loads(pidfile.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return record if record.state else None


def end(record: Record, grace: float) -> None:
    """SIGTERM, then SIGKILL after `grace` seconds (0: at once); returns once it is gone."""
    if grace and record.state != "T":  # a stopped process would not handle it
        record.send(signal.SIGTERM)
        _await_end(record, grace)
    record.send(signal.SIGKILL)
    _await_end(record, 10)


def _await_end(record: Record, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while record.state and time.monotonic() < deadline:
        time.sleep(0.02)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; the name before may contain blanks."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()
