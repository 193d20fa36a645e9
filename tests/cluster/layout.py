"""Paths, names and addresses of one cluster, all derived from the checkout that owns it.

Everything created outside the state directory (network namespaces, cgroups) carries `key`, a short
hash of the checkout's real path, so that two checkouts can run side by side and each finds only its
own.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Node addresses are outside the service range: otherwise kube-proxy refuses the kubelet's port.
SERVICE_RANGE = "10.0.0.0/16"
API_SERVICE = "10.0.0.1"
POD_RANGE = "10.244.0.0/16"
API_PORT = 6443
API_URL = f"https://10.1.0.1:{API_PORT}"
NODES_AT_MOST = 2

_SOCKET_PATH_AT_MOST = 107  # bytes; the limit of sockaddr_un
_LONGEST_SOCKET = "node-2/containerd.sock.ttrpc"


@dataclass(frozen=True)
class Place:
    """A node's place in the cluster's network, which follows from its number."""

    number: int

    @property
    def address(self) -> str:
        return f"10.1.0.{self.number}"

    @property
    def pod_range(self) -> str:
        return f"10.244.{self.number - 1}.0/24"

    @property
    def pod_gateway(self) -> str:
        return f"10.244.{self.number - 1}.1"


@dataclass(frozen=True)
class Node(Place):
    """One kubelet with its own containerd, namespace and cgroup root."""

    key: str
    cluster_home: Path

    @property
    def name(self) -> str:
        return f"node-{self.number}"

    @property
    def home(self) -> Path:
        return self.cluster_home / self.name

    @property
    def netns(self) -> str:
        return f"pt-{self.key}-{self.number}"

    @property
    def netns_path(self) -> Path:
        return Path("/run/netns") / self.netns

    @property
    def cgroup(self) -> str:
        """The kubelet's cgroupRoot, a directory directly below each hierarchy's root."""
        return f"pt-{self.key}-{self.number}"

    @property
    def containerd_address(self) -> Path:
        return self.home / "containerd.sock"

    def component(self, kind: str) -> str:
        """`kubelet` on the first node, `kubelet-2` on the second."""
        return kind if self.number == 1 else f"{kind}-{self.number}"


@dataclass(frozen=True)
class Layout:
    """One cluster: the checkout it belongs to, its state directory, its key."""

    checkout: Path
    key: str
    states: Path

    @property
    def home(self) -> Path:
        return self.states / self.key

    @property
    def lock(self) -> Path:
        return self.states / f"{self.key}.lock"

    @property
    def bin(self) -> Path:
        return self.home / "bin"

    @property
    def pki(self) -> Path:
        return self.home / "pki"

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def pids(self) -> Path:
        return self.home / "pid"

    @property
    def run_env(self) -> Path:
        """The file that `tests/cluster/run` sources; written last: a cluster is up."""
        return self.home / "run.env"

    @property
    def admin_kubeconfig(self) -> Path:
        return self.home / "admin.kubeconfig"

    @property
    def marker(self) -> str:
        """An environment variable of every process that we start, and of its children."""
        return f"PODTAILOR_TEST_CLUSTER={self.key}"

    def node(self, number: int) -> Node:
        return Node(number, self.key, self.home)

    def nodes(self) -> list[Node]:
        """The nodes of this cluster on disk, running or not."""
        every = (self.node(number) for number in range(1, NODES_AT_MOST + 1))
        return [node for node in every if node.home.is_dir()]


def layout_of(checkout: Path, environ: Mapping[str, str]) -> Layout:
    """The cluster of this checkout, or one more of it by the name in PODTAILOR_CLUSTER.

    `tests/cluster/run` computes the same key in bash.
    """
    real = checkout.resolve()
    of = os.fsencode(real) + os.fsencode(environ.get("PODTAILOR_CLUSTER", ""))
    key = hashlib.sha256(of).hexdigest()[:8]
    states = Path(environ.get("PODTAILOR_STATE") or "/var/lib/podtailor-test").absolute()
    layout = Layout(real, key, states)
    if len(os.fsencode(layout.home / _LONGEST_SOCKET)) > _SOCKET_PATH_AT_MOST:
        raise ValueError(f"PODTAILOR_STATE={states} is too long a path for unix sockets below it")
    return layout


def cache_of(environ: Mapping[str, str]) -> Path:
    """The folder of binaries and package archives, outside every work tree."""
    if given := environ.get("PODTAILOR_CACHE"):
        return Path(given).absolute()
    base = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base).absolute() / "podtailor"
