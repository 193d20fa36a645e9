"""The two programs as processes on this machine, connected to the cluster under test.

For tests that stop, kill and restart them; the installed chart is tested elsewhere. The API server
reaches the webhook by URL on the loopback of the cluster's network namespace.
"""

import base64
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kube.gateway import APPLY_PATCH, Gateway
from tests.unit.webhook import certs as certificates

CONFIGURATION = "podtailor-e2e"
RELEASE_NAMESPACE = "podtailor-system"
_PATH = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/" + CONFIGURATION


@dataclass
class Program:
    """One of the two programs; `log` collects its standard error."""

    module: str
    environment: Mapping[str, str]
    health: str
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self, timeout: float = 30.0) -> None:
        """Start it and wait until it is ready. Raises TimeoutError with the end of its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + timeout
        while not self.ready():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError(f"{self.module} is not ready:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def ready(self) -> bool:
        """Whether its own readiness check says so."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with urllib.request.urlopen(self.health, timeout=2, context=context) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(30)
            self.process = None


@dataclass
class Programs:
    """Webhook and scaler, and the webhook's configuration in the cluster."""

    webhook: Program
    scaler: Program

    def start(self) -> None:
        """Start both."""
        self.webhook.start()
        self.scaler.start()

    def stop(self) -> None:
        """Stop both; what they wrote stays."""
        self.scaler.stop()
        self.webhook.stop()


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wired(gateway: Gateway, folder: Path, **scaler: str) -> Programs:
    """Both programs, not started yet; `scaler`: additional settings, without the prefix."""
    certs = folder / "certs"
    certs.mkdir()
    made = certificates.pair()
    certificates.write(certs, made)
    port, scaler_port = free_port(), free_port()
    configure(gateway, f"https://127.0.0.1:{port}/mutate", made[0])
    common = {"PODTAILOR_NAMESPACE": RELEASE_NAMESPACE}
    return Programs(
        Program(
            "webhook",
            {
                **common,
                "PODTAILOR_WEBHOOK_BIND": "127.0.0.1",
                "PODTAILOR_WEBHOOK_PORT": str(port),
                "PODTAILOR_WEBHOOK_CERT_DIR": str(certs),
            },
            f"https://127.0.0.1:{port}/readyz",
            folder / "webhook.log",
        ),
        Program(
            "scaler",
            {
                **common,
                "PODTAILOR_SCALER_BIND": "127.0.0.1",
                "PODTAILOR_SCALER_PORT": str(scaler_port),
                **{f"PODTAILOR_{name}": value for name, value in scaler.items()},
            },
            f"http://127.0.0.1:{scaler_port}/readyz",
            folder / "scaler.log",
        ),
    )


def configure(gateway: Gateway, url: str, ca: bytes) -> None:
    """The two entries of the contract, by URL instead of a Service."""
    gateway.patch(
        f"/api/v1/namespaces/{RELEASE_NAMESPACE}",
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": RELEASE_NAMESPACE}},
        APPLY_PATCH,
        fieldManager="e2e",
    )
    entry = {
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": url, "caBundle": base64.b64encode(ca).decode()},
        "failurePolicy": "Ignore",
        "sideEffects": "None",
        "timeoutSeconds": 5,
        "rules": [
            {
                "apiGroups": [""],
                "apiVersions": ["v1"],
                "operations": ["CREATE"],
                "resources": ["pods"],
                "scope": "Namespaced",
            }
        ],
    }
    name = "kubernetes.io/metadata.name"
    own = [RELEASE_NAMESPACE]
    elsewhere = {"key": name, "operator": "NotIn", "values": ["kube-system", *own]}
    here = {"key": name, "operator": "In", "values": own}
    gateway.patch(
        _PATH,
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": CONFIGURATION},
            "webhooks": [
                {
                    **entry,
                    "name": "pods.podtailor.io",
                    "namespaceSelector": {"matchExpressions": [elsewhere]},
                },
                {
                    **entry,
                    "name": "probe.podtailor.io",
                    "namespaceSelector": {"matchExpressions": [here]},
                    "objectSelector": {"matchLabels": {"podtailor.io/probe": "true"}},
                },
            ],
        },
        APPLY_PATCH,
        fieldManager="e2e",
        force="true",
    )


def unconfigure(gateway: Gateway) -> None:
    """Delete the configuration."""
    gateway.delete(_PATH)
