"""The embedded cluster's own guarantees, tested with a second one, of a copy of the checkout.

The tests run in order, because a start is expensive: up beside whatever runs, everything killed, up
again, a simulated reboot, up again, down. Other activity on this machine does not count: only what
carries the second cluster's key is counted, in every form in which it can carry it.
"""

import errno
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parents[2]
_STATES = Path(os.environ.get("PODTAILOR_STATE", "/var/lib/podtailor-test"))
_SHIM_SOCKETS = Path("/run/containerd/s")
_POD = """
apiVersion: v1
kind: Pod
metadata: {name: sleeper}
spec:
  containers:
  - {name: sleeper, image: "localhost/podtailor-test/busybox:1", command: [sleep, "100000"]}
"""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="starting a cluster needs root"),
]


class Copy:
    """A separate checkout with only the cluster's scripts."""

    def __init__(self, checkout: Path) -> None:
        self.scripts = checkout / "tests" / "cluster"
        shutil.copytree(_CHECKOUT / "tests" / "cluster", self.scripts)
        (checkout / ".venv").symlink_to(_CHECKOUT / ".venv")
        self.key = hashlib.sha256(os.fsencode(checkout.resolve())).hexdigest()[:8]
        self.state = _STATES / self.key

    def call(
        self, script: str, *argv: str, stdin: str = "", timeout: float = 300, cwd: Path = _CHECKOUT
    ) -> str:
        command = [str(self.scripts / script), *argv]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=cwd,
            env={k: v for k, v in os.environ.items() if k != "PODTAILOR_CLUSTER"},
        )
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def processes(self) -> set[int]:
        """Those with the key in their environment, command line or cgroup."""
        files = ("environ", "cmdline", "cgroup")
        every = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        marked = (entry for entry in every if any(self._marks(entry / name) for name in files))
        return {int(entry.name) for entry in marked}

    def traces(self) -> dict[str, int]:
        """How many traces of it there are, by kind."""
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        cgroups = [Path(line.split()[4]) for line in mounts if " - cgroup" in line]
        links = (os.readlink(path) for path in Path("/var/log/containers").glob("*"))
        return {
            "processes": len(self.processes()),
            "mounts": sum(self.key in line for line in mounts),
            "namespaces": self._named(Path("/run/netns")),
            "cgroups": sum(self._named(root) for root in cgroups),
            "states": self._named(_STATES),
            "addresses": self._named(Path("/var/lib/cni/results")),
            "links": sum(self.key in target for target in links),
        }

    def _named(self, folder: Path) -> int:
        return len(list(folder.glob(f"*{self.key}*")))

    def _marks(self, path: Path) -> bool:
        try:
            return self.key.encode() in path.read_bytes()
        except OSError:
            return False  # it has ended by now


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Copy]:
    copy = Copy(tmp_path / "checkout")
    yield copy
    copy.call("down")


def test_a_second_cluster_survives_crashes_and_leaves_nothing(second: Copy) -> None:
    first = _first()
    sockets = set(_SHIM_SOCKETS.glob("*"))
    second.call("up")
    second.call("run", "kubectl", "create", "-f", "-", stdin=_POD)
    _await_pod(second)
    assert all(second.traces().values()), "a kind of trace that is never seen proves nothing"

    for pid in second.processes():
        os.kill(pid, signal.SIGKILL)
    assert "up again" in second.call("up")
    _await_pod(second)

    stranger = subprocess.Popen(["sleep", "100"])
    try:
        _pretend_a_reboot(second, stranger.pid)
        assert "clearing" in second.call("up")
        assert stranger.poll() is None, "a process of somebody else was killed"
    finally:
        stranger.kill()
        stranger.wait()

    second.call("down")
    assert not any(second.traces().values()), second.traces()
    assert not _dead(set(_SHIM_SOCKETS.glob("*")) - sockets)
    assert _first() == first, "the cluster of this checkout was disturbed"


def test_the_run_command_says_that_the_cluster_is_not_up(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "checkout")
    done = subprocess.run([copy.scripts / "run", "true"], capture_output=True, text=True)
    assert done.returncode == 125
    assert "not up" in done.stderr


def _await_pod(copy: Copy) -> None:
    """Ask the pod itself: after a crash the API still shows its old state."""
    deadline = time.monotonic() + 60
    command = [str(copy.scripts / "run"), "kubectl", "exec", "sleeper", "--", "echo", "alive"]
    while (done := subprocess.run(command, capture_output=True, text=True)).returncode != 0:
        assert time.monotonic() < deadline, done.stderr
        time.sleep(0.3)
    assert done.stdout == "alive\n"


def _pretend_a_reboot(copy: Copy, stranger: int) -> None:
    """Records with pids of an earlier boot that now belong to other processes."""
    (copy.state / "boot").write_text("another\n")
    for path in (copy.state / "pid").iterdir():
        path.write_text(json.dumps({"pid": stranger, "started": 1, "boot": "another"}))


def _first() -> str:
    """The pids of this checkout's own cluster; empty if there is none."""
    status = [str(_CHECKOUT / "tests" / "cluster" / "component"), "status"]
    return subprocess.run(status, capture_output=True, text=True).stdout


def _dead(sockets: set[Path]) -> set[Path]:
    """Sockets without a listener; those of other clusters' new pods have one."""
    found = set()
    for path in sockets:
        with socket.socket(socket.AF_UNIX) as caller:
            if caller.connect_ex(str(path)) == errno.ECONNREFUSED:
                found.add(path)
    return found
