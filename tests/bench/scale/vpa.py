"""VPA's three programs on the same ground, with metrics-server in front of the same kubelets."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from kube.errors import KubeError, NotFound
from kube.gateway import APPLY_PATCH, Gateway
from tests.bench.scale import parts, users
from tests.bench.scale.cost import Watch
from tests.bench.scale.ground import NAMESPACE, Ground, each, running
from tests.e2e.workloads import Json, until
from tests.unit.webhook import certs

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_VPAS = f"/apis/autoscaling.k8s.io/v1/namespaces/{NAMESPACE}/verticalpodautoscalers"
_CONFIGURATION = (
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/vpa-webhook-config"
)
PORT = 8000
_REGISTERED = (
    "--register-by-url",
    "--webhook-address=https://127.0.0.1",
    f"--webhook-port={PORT}",
)
SETTLE = 150.0
"""Seconds: its recommender and updater run once a minute."""


@dataclass
class Peers:
    """The programs' processes, by name."""

    processes: dict[str, int]

    def watch(self) -> Watch:
        """Their cost from now on."""
        return Watch(self.processes)


@contextmanager
def peers(ground: Ground, folder: Path) -> Iterator[Peers]:
    """All three, each workload with a VPA of its own."""
    define(ground.gateway)
    measured(ground.gateway)
    with started(folder) as processes:
        try:
            each(ground.workloads, lambda number: ground.gateway.post(_VPAS, _vpa(number)))
            until(lambda: _recommended(ground) == ground.workloads, 600)
            time.sleep(SETTLE)
            yield Peers(processes)
        finally:
            with suppress(NotFound):
                ground.gateway.delete(_CONFIGURATION)


@contextmanager
def started(folder: Path) -> Iterator[dict[str, int]]:
    """The three programs, as its manifests start them."""
    found = parts.vpa()
    with ExitStack() as stack:
        processes = {}
        for number, (name, path) in enumerate(found.items()):
            own = users.kubeconfig(f"vpa-{name}")
            command = [str(path), f"--kubeconfig={own}", f"--address=127.0.0.1:{8942 + number}"]
            command += [*trust(folder), *_REGISTERED] if name == "admission-controller" else []
            log = folder / f"vpa-{name}.log"
            environment = {"NAMESPACE": "kube-system", "PATH": os.environ["PATH"]}
            processes[f"vpa-{name}"] = stack.enter_context(running(command, log, **environment))
        yield processes


def define(gateway: Gateway) -> None:
    """Its CRDs, as its module ships them."""
    source = parts.shipped(parts.VPA.module, parts.VPA.version) / "deploy/vpa-v1-crd-gen.yaml"
    for one in yaml.safe_load_all(source.read_text()):
        path = f"{_CRDS}/{one['metadata']['name']}"
        gateway.patch(path, one, APPLY_PATCH, fieldManager="bench", force="true")
    until(lambda: _served(gateway), 30)


def measured(gateway: Gateway) -> None:
    """Wait until metrics-server has the pods' usage."""
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{NAMESPACE}/pods"

    def answers() -> bool:
        time.sleep(2)
        return bool(msgspec.json.decode(gateway.get(path))["items"])

    until(answers, 180)


def trust(folder: Path) -> list[str]:
    """How its admission controller serves: its port, and a certificate in `folder`/vpa."""
    where = folder / "vpa"
    where.mkdir(exist_ok=True)
    crt = certs.write(where, certs.pair())
    return [
        f"--tls-cert-file={crt}",
        f"--tls-private-key={where / 'tls.key'}",
        f"--client-ca-file={crt}",
        f"--port={PORT}",
    ]


def _served(gateway: Gateway) -> bool:
    try:
        gateway.get("/apis/autoscaling.k8s.io/v1/verticalpodautoscalers")
    except KubeError:
        return False
    return True


def _recommended(ground: Ground) -> int:
    time.sleep(5)
    found = msgspec.json.decode(ground.gateway.get(_VPAS))["items"]
    return sum("recommendation" in one.get("status", {}) for one in found)


def _vpa(number: int) -> Json:
    target = {"apiVersion": "v1", "kind": "ReplicationController", "name": f"web-{number}"}
    return {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": f"web-{number}"},
        "spec": {"targetRef": target, "updatePolicy": {"updateMode": "Recreate"}},
    }
