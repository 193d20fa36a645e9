"""Nodes of kwok, workloads and pods on them, and kubelets that answer for their usage.

kwok makes the nodes Ready and the pods Running. Its own metrics cannot serve here (go/kubelets says
why), so another program answers for each node at an address of its own on the loopback.
"""

import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kube.errors import NotFound
from kube.gateway import Gateway
from tests.bench.own_source import OwnSource
from tests.bench.scale import parts, users
from tests.cluster.build import commands_of
from tests.cluster.layout import API_URL
from tests.e2e.workloads import Json, until

NAMESPACE = "scale"
REPLICAS = 10
PODS_A_NODE = 20
KUBELETS = 10350
"""The port of all of them."""
_CONTROL = "http://127.0.0.1:10351"
_STAGES = ("node/fast/node-initialize", "node/heartbeat-with-lease/node-heartbeat-with-lease")
_POD_STAGES = ("pod/fast/pod-ready", "pod/fast/pod-complete", "pod/fast/pod-delete")
_THREADS = 16


class _Kubelets(OwnSource):
    """The stand-in: its version is a hash of its source."""

    FOLDER = "scale/go/kubelets"

    @property
    def version(self) -> str:
        return self.key


@dataclass(frozen=True)
class Ground:
    """What is there; `workloads` of REPLICAS pods each."""

    gateway: Gateway
    workloads: int

    @property
    def nodes(self) -> int:
        """Twenty pods each, as the issue's 10,000 on 500."""
        return self.workloads * REPLICAS // PODS_A_NODE

    def uses(self, first: int, last: int, share: float) -> None:
        """Workloads from `first` to before `last` use that share of their limits from now on."""
        url = f"{_CONTROL}/?from={first}&to={last}&share={share}"
        urllib.request.urlopen(url, data=b"", timeout=10).close()

    def pods(self) -> list[Json]:
        """All of its pods, as they are."""
        raw = self.gateway.get(f"/api/v1/namespaces/{NAMESPACE}/pods", resourceVersion="0")
        found: list[Json] = msgspec.json.decode(raw)["items"]
        return found

    def ready(self) -> int:
        """How many pods are Ready."""
        return sum(
            any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
            for p in self.pods()
            if (conditions := p["status"].get("conditions"))
        )

    def whole(self, seconds: float) -> float:
        """Wait until every workload has all of its pods, Ready; the seconds that it took."""
        began, wanted = time.monotonic(), self.workloads * REPLICAS
        until(slowly(lambda: self.ready() == wanted), seconds, lambda: f"{self.ready()} are Ready")
        return time.monotonic() - began


@contextmanager
def laid(gateway: Gateway, workloads: int, folder: Path) -> Iterator[Ground]:
    """All of it, while the block runs; what an earlier run left is removed."""
    ground = Ground(gateway, workloads)
    users.allow(gateway)
    with _kwok(folder), _kubelets(folder):
        _cleared(gateway)
        try:
            each(ground.nodes, lambda number: gateway.post("/api/v1/nodes", _node(number)))
            gateway.post("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
            where = f"/api/v1/namespaces/{NAMESPACE}/replicationcontrollers"
            each(workloads, lambda number: gateway.post(where, _controller(number)))
            took = ground.whole(300 + 2 * workloads)
            print(f"bench: {workloads * REPLICAS} pods are Ready after {took:.0f} s", flush=True)
            yield ground
        finally:
            _cleared(gateway)


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[int]:
    """A program while the block runs; its process."""
    with log.open("ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment or None)
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _kwok(folder: Path) -> Iterator[None]:
    source = parts.shipped(parts.KWOK.module, parts.KWOK.version) / "kustomize/stage"
    stages = [(source / f"{name}.yaml").read_text() for name in (*_STAGES, *_POD_STAGES)]
    config = folder / "stages.yaml"
    config.write_text("\n---\n".join(stages))
    command = [str(parts.kwok()), f"--kubeconfig={users.kubeconfig('kwok', 'system:masters')}"]
    command += [f"--config={config}", "--manage-nodes-with-label-selector=type=kwok"]
    command += [f"--node-port={KUBELETS}", "--node-ip=127.0.0.1", "--cidr=10.250.0.1/16"]
    command += ["--node-lease-duration-seconds=40", "--server-address=127.0.0.1:10247"]
    with running(command, folder / "kwok.log"):
        yield


@contextmanager
def _kubelets(folder: Path) -> Iterator[None]:
    pki, part = users.here().pki, _Kubelets("kubelets", "podtailor.io/bench", ("./kubelets",), ())
    users.kubeconfig("kubelets", "system:masters")
    own = pki / "bench-kubelets"
    command = [str(commands_of(part, {"HOME": str(Path.home())})["kubelets"]), f"-api={API_URL}"]
    command += [f"-ca={pki / 'ca.crt'}", f"-ca-key={pki / 'ca.key'}", f"-listen=:{KUBELETS}"]
    command += [f"-cert={own}.crt", f"-key={own}.key"]
    with running(command, folder / "kubelets.log"):
        yield


def _cleared(gateway: Gateway) -> None:
    """Without nodes, pods go at once: kwok ends those that are being deleted."""
    try:
        gateway.delete(f"/api/v1/namespaces/{NAMESPACE}")
        until(slowly(lambda: _gone(gateway)), 900)
    except NotFound:
        pass
    raw = gateway.get("/api/v1/nodes", labelSelector="type=kwok")
    names = [n["metadata"]["name"] for n in msgspec.json.decode(raw)["items"]]
    each(len(names), lambda number: gateway.delete(f"/api/v1/nodes/{names[number]}"))


def _gone(gateway: Gateway) -> bool:
    try:
        gateway.get(f"/api/v1/namespaces/{NAMESPACE}")
    except NotFound:
        return True
    return False


def slowly(holds: Callable[[], bool]) -> Callable[[], bool]:
    """The same question, once in two seconds: thousands of pods are not listed more often."""

    def asked() -> bool:
        time.sleep(2)
        return holds()

    return asked


def each(count: int, make: Callable[[int], object]) -> None:
    """Do it for each number below `count`, some at once."""
    with ThreadPoolExecutor(_THREADS) as threads:
        for _ in threads.map(make, range(count)):
            pass


def _node(number: int) -> Json:
    name = f"kwok-{number}"
    room = {"cpu": "32", "memory": "128Gi", "pods": "110"}
    address = f"127.1.{number // 250}.{number % 250 + 1}"
    addresses = [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}]
    return {
        "metadata": {"name": name, "labels": {"type": "kwok", "kubernetes.io/hostname": name}},
        "status": {
            "allocatable": room,
            "capacity": room,
            "addresses": addresses,
            "daemonEndpoints": {"kubeletEndpoint": {"Port": KUBELETS}},
        },
    }


def _controller(number: int) -> Json:
    name = f"web-{number}"
    labels = {"app": name, "scale": str(number)}
    container = {
        "name": "app",
        "image": "app",
        "resources": {
            "requests": {"cpu": "250m", "memory": "64Mi"},
            "limits": {"cpu": "500m", "memory": "128Mi"},
        },
    }
    spec = {
        "terminationGracePeriodSeconds": 0,
        "nodeSelector": {"type": "kwok"},
        "automountServiceAccountToken": False,
        "containers": [container],
    }
    return {
        "metadata": {"name": name, "annotations": {"podtailor.io/mode": "auto"}},
        "spec": {
            "replicas": REPLICAS,
            "selector": labels,
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
