"""The node agent as a process on this machine, and a container that is busy when it is asked to be.

Agent and scaler find each other as when installed: by the two Secrets, which the scaler fills.
"""

import base64
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kube.errors import NotFound
from kube.gateway import Gateway
from kube.kinds import SECRET
from kube.objects import Pod
from kube.pods import container_id
from tests.e2e.hungry import program
from tests.e2e.programs import RELEASE_NAMESPACE, Program
from tests.e2e.workloads import Json, sized, until

NAMES = ("podtailor-e2e-agents-ca", "podtailor-e2e-agent-tls")
SERVICE = "podtailor-e2e-scaler"
BURST = {
    "podtailor.io/mode": "auto",
    "podtailor.io/strategy": "resize",
    "podtailor.io/burst": "on",
    "podtailor.io/resources": "cpu",
}
_FILES = ("tls.crt", "tls.key", "ca.crt")
_OBEYS = """
trap 'busy=1' USR1; trap 'busy=' USR2
while :; do
  if [ "$busy" ]; then i=0; while [ $i -lt 200 ]; do i=$((i+1)); done
  else /bin/busybox sleep 600 & wait $!; kill $! 2>/dev/null
  fi
done
"""


def obedient(request: str = "250m", limit: str = "500m") -> Json:
    """A container that is idle, and busy between two signals."""
    return program(_OBEYS, **sized(request, limit, "16Mi"))


def settings(port: int) -> dict[str, str]:
    """The scaler's, without the prefix."""
    return {
        "AGENT_ENABLED": "true",
        "AGENT_PORT": str(port),
        "AGENT_CASECRET": NAMES[0],
        "AGENT_SECRET": NAMES[1],
        "SCALER_SERVICE": SERVICE,
    }


@contextmanager
def secrets(gateway: Gateway) -> Iterator[None]:
    """The two Secrets, empty, as the chart makes them."""
    for name in NAMES:
        with suppress(NotFound):
            gateway.delete(SECRET.path(RELEASE_NAMESPACE, name))
        meta = {"name": name, "namespace": RELEASE_NAMESPACE}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque"}
        gateway.post(SECRET.path(RELEASE_NAMESPACE), body)
    yield
    for name in NAMES:
        with suppress(NotFound):
            gateway.delete(SECRET.path(RELEASE_NAMESPACE, name))


@dataclass
class Agent(Program):
    """Ready as soon as the scaler listens to it."""

    _before: int = 0

    def start(self, timeout: float = 30.0) -> None:
        """Start it, and wait for a new line in its log."""
        self._before = self._connections()
        super().start(timeout)

    def ready(self) -> bool:
        """Whether its log says that it is connected."""
        return self._connections() > self._before

    def _connections(self) -> int:
        return self.log.read_text().count(": connected ") if self.log.exists() else 0


def agent(gateway: Gateway, folder: Path, port: int, node: str = "node-1") -> Agent:
    """With the certificates as a kubelet would bring them; not started."""
    until(lambda: _mounted(gateway, folder), 30)
    environment = {
        "PODTAILOR_AGENT_NODE": node,
        "PODTAILOR_AGENT_SCALER": f"{SERVICE}.{RELEASE_NAMESPACE}.svc",
        "PODTAILOR_AGENT_ADDRESS": "127.0.0.1",
        "PODTAILOR_AGENT_PORT": str(port),
        "PODTAILOR_AGENT_CERT_DIR": str(folder),
    }
    return Agent("agent", environment, "", folder / "agent.log")


def _mounted(gateway: Gateway, folder: Path) -> bool:
    found = msgspec.json.decode(gateway.get(SECRET.path(RELEASE_NAMESPACE, NAMES[1])))
    data = found.get("data") or {}
    if not all(name in data for name in _FILES):
        return False
    for name in _FILES:
        (folder / name).write_bytes(base64.b64decode(data[name]))
    return True


def _parent(pid: int) -> int | None:
    """A process's parent; None: it has ended. Process IDs start again at the lowest some time, so
    the first of a container need not have the lowest."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return None


class Load:
    """The one container of a pod, on this machine."""

    def __init__(self, pod: Pod, name: str = "app") -> None:
        known = container_id(pod, name) or ""
        base = Path("/sys/fs/cgroup/cpu")
        base = base if base.exists() else Path("/sys/fs/cgroup")
        self.folder = next(f for f in base.rglob(f"*{known}*") if (f / "cgroup.procs").exists())
        own = {*map(int, (self.folder / "cgroup.procs").read_text().split())}
        self._pid = next(pid for pid in own if _parent(pid) not in {*own, None})

    def begin(self) -> float:
        """Busy from now on: when."""
        at = time.time()
        os.kill(self._pid, signal.SIGUSR1)
        return at

    def end(self) -> None:
        """Idle from now on."""
        os.kill(self._pid, signal.SIGUSR2)

    @property
    def limit(self) -> int:
        """Millicores of its quota."""
        v1, v2 = self.folder / "cpu.cfs_quota_us", self.folder / "cpu.max"
        text = (v1 if v1.exists() else v2).read_text().split()[0]
        return int(text) // 100

    def raised(self, limit: int, seconds: float) -> float | None:
        """When its quota became that many millicores; None: not within `seconds`."""
        deadline = time.time() + seconds
        while time.time() < deadline:
            if self.limit == limit:
                return time.time()
            time.sleep(0.002)
        return None
