"""A release's trust objects in a test's namespace, and a webhook that shows when it is called.

The configuration selects only that namespace and ignores failures, so that no other pods ever wait
for it.
"""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

from kube.errors import NotFound
from kube.gateway import Gateway
from scaler.certificates.options import TrustSettings

ENTRIES = ("pods.podtailor.io", "probe.podtailor.io")
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
LABEL = "e2e.podtailor.io/seen"
_PATCH = [{"op": "add", "path": "/metadata/labels", "value": {LABEL: "yes"}}]

Json = dict[str, Any]


class Release:
    """The chart's objects: two empty Secrets and the configuration with its two entries."""

    def __init__(self, gateway: Gateway, namespace: str) -> None:
        self.gateway = gateway
        self.secrets = f"/api/v1/namespaces/{namespace}/secrets"
        self.path = f"{CONFIGURATIONS}/{namespace}"
        self.settings = TrustSettings(namespace, "webhook", namespace, "ca", "tls")

    def secret(self, name: str) -> dict[str, bytes]:
        """A Secret's data."""
        found = msgspec.json.decode(self.gateway.get(f"{self.secrets}/{name}"))
        data: dict[str, str] = found.get("data") or {}
        return {key: base64.b64decode(value) for key, value in data.items()}

    def configuration(self) -> Json:
        """The configuration in the cluster."""
        found: Json = msgspec.json.decode(self.gateway.get(self.path))
        return found

    def bundles(self) -> list[bytes]:
        """What each entry trusts."""
        entries = self.configuration()["webhooks"]
        return [base64.b64decode(e["clientConfig"].get("caBundle") or "") for e in entries]

    def version(self, path: str) -> str:
        """An object's resourceVersion: it changes with every write."""
        found: Json = msgspec.json.decode(self.gateway.get(path))
        return str(found["metadata"]["resourceVersion"])

    def versions(self) -> list[str]:
        """The versions of all three objects."""
        return [self.version(p) for p in (f"{self.secrets}/ca", f"{self.secrets}/tls", self.path)]

    def manifest(self, url: str = "") -> Json:
        """The configuration as the chart renders it; `url`: a webhook that a test serves itself."""
        to: Json = {"url": url}
        if not url:
            to = {"service": {"name": "webhook", "namespace": self.settings.namespace}}
        entry = {
            "clientConfig": to,
            "admissionReviewVersions": ["v1"],
            "failurePolicy": "Ignore",
            "sideEffects": "None",
            "timeoutSeconds": 2,
            "namespaceSelector": {
                "matchLabels": {"kubernetes.io/metadata.name": self.settings.namespace}
            },
            "rules": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "resources": ["pods"],
                    "operations": ["CREATE"],
                    "scope": "Namespaced",
                }
            ],
        }
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": self.settings.configuration},
            "webhooks": [{"name": name, **entry} for name in ENTRIES],
        }


@contextmanager
def released(gateway: Gateway, namespace: str, url: str = "") -> Iterator[Release]:
    """Create the objects while the block runs (the Secrets are deleted with the namespace)."""
    made = Release(gateway, namespace)
    for name in ("ca", "tls"):
        gateway.post(made.secrets, {"metadata": {"name": name}, "type": "Opaque"})
    gateway.post(CONFIGURATIONS, made.manifest(url), fieldManager="chart")
    try:
        yield made
    finally:
        with suppress(NotFound):
            gateway.delete(made.path)


class Webhook:
    """Labels every pod that it is called for; `serve` is a kubelet's update plus our reload."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._context: ssl.SSLContext | None = None
        self._pair: tuple[bytes, bytes] | None = None

    def serve(self, certificate: bytes, key: bytes) -> None:
        """Serve this pair from the next connection on."""
        if self._pair == (certificate, key):
            return
        (self._folder / "tls.crt").write_bytes(certificate)
        (self._folder / "tls.key").write_bytes(key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / "tls.crt", self._folder / "tls.key")
        self._context, self._pair = context, (certificate, key)

    def wrap(self, connection: Any) -> ssl.SSLSocket:
        """TLS with the current certificate."""
        assert self._context is not None
        return self._context.wrap_socket(connection, server_side=True)


@contextmanager
def answering(webhook: Webhook) -> Iterator[str]:
    """The webhook's URL. Each review has its own connection, and therefore its own handshake."""

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            self.request = webhook.wrap(self.request)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            patch = base64.b64encode(json.dumps(_PATCH).encode()).decode()
            uid = asked["request"]["uid"]
            answer = {"uid": uid, "allowed": True, "patchType": "JSONPatch", "patch": patch}
            review = {"apiVersion": asked["apiVersion"], "kind": asked["kind"], "response": answer}
            text = json.dumps(review).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Ignored: if a client does not trust us, the test sees a pod without the label."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/mutate"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
