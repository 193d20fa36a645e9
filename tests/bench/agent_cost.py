"""What the node agent costs: 110 pods with 220 containers, of which 20 count, in real cgroups.

The cgroups are empty ones that this measurement makes and removes: reading them costs the same. The
agent is a process of its own, connected over TLS to a listener in this process.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from link.messages import Counted
from scaler.agents.counting import Counting
from tests.bench.results import Figure, Measured
from tests.unit.scaler.agents.conversation import NAME, Conversation, until

PODS, EACH, COUNTED = 110, 2, 20
SECONDS = 60.0
CPU, MEMORY = 1.0, 30.0
"""Percent of a core, and MiB."""

_ROOT = Path("/sys/fs/cgroup")
_PARENT = "pt-bench-agent"


def measure() -> Measured:
    """About a minute and a half."""
    with ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory()))
        listed = undo.enter_context(_cgroups())
        talk = Conversation(folder)
        undo.callback(talk.end)
        talk.reports.count(Counting({"bench": listed[:COUNTED]}))
        agent = _started(talk)
        undo.callback(agent.wait)
        undo.callback(agent.terminate)
        until(lambda: talk.listener.nodes == ["bench"], 20)
        time.sleep(5.0)
        before, began = _cpu(agent.pid), time.monotonic()
        time.sleep(SECONDS)
        share = 100 * (_cpu(agent.pid) - before) / (time.monotonic() - began)
        memory = _resident(agent.pid)
        until(lambda: talk.reports.known() == COUNTED, 20)
    return Measured(
        figures=[
            Figure("CPU, 220 containers of which 20 count", round(share, 2), "% of a core", CPU),
            Figure("memory, resident", round(memory, 1), "MiB", MEMORY),
        ],
        how={"seconds": SECONDS, "cgroups": PODS * EACH, "count": COUNTED},
    )


def _started(talk: Conversation) -> subprocess.Popen[bytes]:
    settings = {
        "NODE": "bench",
        "SCALER": NAME,
        "ADDRESS": "127.0.0.1",
        "PORT": str(talk.port),
        "CERT_DIR": str(talk.certificates()),
    }
    named = {f"PODTAILOR_AGENT_{name}": value for name, value in settings.items()}
    return subprocess.Popen([sys.executable, "-m", "agent"], env={**os.environ, **named})


@contextmanager
def _cgroups() -> Iterator[list[Counted]]:
    v2 = (_ROOT / "cgroup.controllers").exists()
    roots = [_ROOT] if v2 else [_ROOT / name for name in ("cpu", "cpuacct", "memory")]
    made, listed = [], []
    for number in range(PODS):
        uid = f"{number:08x}-0000-4000-8000-000000000000"
        for one in range(EACH):
            known = f"{number:032x}{one:032x}"
            listed.append(Counted(known, uid))
            made += [r / _PARENT / "kubepods/burstable" / f"pod{uid}" / known for r in roots]
    try:
        for folder in made:
            folder.mkdir(parents=True)
            if (folder / "cpu.cfs_quota_us").exists():
                (folder / "cpu.cfs_quota_us").write_text("50000")
        yield listed
    finally:
        for root in roots:
            for path, _, _ in os.walk(root / _PARENT, topdown=False):
                Path(path).rmdir()


def _cpu(pid: int) -> float:
    """Seconds of CPU time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
