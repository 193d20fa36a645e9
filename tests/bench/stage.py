"""The cluster, with our two programs as the only active podtailor.

An installed scaler is scaled to zero during the measurement and restored afterwards, even after a
failure: two scalers would compete for the same workloads. An installed webhook keeps answering; its
answers equal ours and cost each pod one more call.
"""

import json
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import msgspec

from kube.errors import NotFound
from kube.gateway import Gateway, connect
from tests.e2e.definition import define
from tests.e2e.programs import CONFIGURATION, RELEASE_NAMESPACE, Programs, unconfigure, wired
from tests.e2e.workloads import Shop, until

_DEPLOYMENT = f"/apis/apps/v1/namespaces/{RELEASE_NAMESPACE}/deployments/podtailor-scaler"
_CONFIGURATION = (
    f"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{CONFIGURATION}"
)
_CLOCKED = "tests.bench.clocked"


@dataclass(frozen=True)
class Stage:
    """The surroundings of a measurement."""

    gateway: Gateway
    shop: Shop
    programs: Programs

    def logged(self, message: str) -> Iterator[dict[str, Any]]:
        """The scaler's log records with this message, oldest first."""
        for line in self.programs.scaler.log.read_text().splitlines():
            with suppress(ValueError):
                record = json.loads(line)
                if record.get("message") == message:
                    yield record


@contextmanager
def staged(**scaler: str) -> Iterator[Stage]:
    """Both programs running, a fresh namespace; `scaler`: its settings."""
    gateway = connect()
    unused(gateway)
    define(gateway)
    with _alone(gateway), fresh(gateway) as name, tempfile.TemporaryDirectory() as folder:
        programs = wired(gateway, Path(folder), LOG_FORMAT="json", **scaler)
        programs.scaler.module = _CLOCKED
        try:
            programs.start()
            yield Stage(gateway, Shop(gateway, name), programs)
        finally:
            programs.stop()
            with suppress(NotFound):
                unconfigure(gateway)


def unused(gateway: Gateway) -> None:
    """Raises RuntimeError if other installations act in this cluster now."""
    try:
        raw = gateway.get(_CONFIGURATION)
    except NotFound:
        return
    url = urlparse(msgspec.json.decode(raw)["webhooks"][0]["clientConfig"]["url"])
    with suppress(OSError), socket.create_connection((url.hostname or "", url.port or 0), 2):
        raise RuntimeError("end-to-end tests run on this cluster: wait for their end")


@contextmanager
def _alone(gateway: Gateway) -> Iterator[None]:
    try:
        replicas = msgspec.json.decode(gateway.get(_DEPLOYMENT))["spec"]["replicas"]
    except NotFound:
        replicas = 0
    if not replicas:
        yield
        return
    print(f"bench: the installed scaler is scaled from {replicas} to 0 meanwhile", flush=True)
    gateway.patch(_DEPLOYMENT, {"spec": {"replicas": 0}})
    try:
        until(lambda: not _replicas(gateway), 60)
        yield
    finally:
        gateway.patch(_DEPLOYMENT, {"spec": {"replicas": replicas}})


def _replicas(gateway: Gateway) -> int:
    status = msgspec.json.decode(gateway.get(_DEPLOYMENT))["status"]
    return int(status.get("replicas", 0)) + int(status.get("terminatingReplicas", 0))


@contextmanager
def fresh(gateway: Gateway) -> Iterator[str]:
    """A namespace while the block runs."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "bench-"}}
    name = str(msgspec.json.decode(gateway.post("/api/v1/namespaces", body))["metadata"]["name"])
    try:
        yield name
    finally:
        gateway.delete(f"/api/v1/namespaces/{name}")
        with suppress(AssertionError):  # deletion is slow, and does not matter here
            until(lambda: _gone(gateway, name), 60)


def _gone(gateway: Gateway, namespace: str) -> bool:
    try:
        gateway.get(f"/api/v1/namespaces/{namespace}")
    except NotFound:
        return True
    time.sleep(0.5)
    return False
