"""A second webhook, called after ours: it reverts one CPU limit, as a policy engine might, or it
adds a container, as a service mesh might."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kube.gateway import Gateway
from tests.e2e.workloads import IMAGE, Json
from tests.unit.webhook import certs

LIMIT = "222m"
_PATH = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
REVERTED: Json = {
    "op": "replace",
    "path": "/spec/containers/0/resources/limits/cpu",
    "value": LIMIT,
}
PROXY: Json = {
    "op": "add",
    "path": "/spec/containers/-",
    "value": {"name": "proxy", "image": IMAGE, "command": ["/bin/busybox", "sleep", "3600"]},
}


class _Handler(BaseHTTPRequestHandler):
    patch = REVERTED

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        response = {
            "uid": review["request"]["uid"],
            "allowed": True,
            "patchType": "JSONPatch",
            "patch": base64.b64encode(json.dumps([self.patch]).encode()).decode(),
        }
        body = json.dumps({**review, "request": None, "response": response}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def undoing(
    gateway: Gateway, namespace: str, folder: Path, patch: Json = REVERTED
) -> Iterator[None]:
    """In force for the namespace while the block runs. Webhooks are called in order of name."""
    made = certs.pair("undo")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs.write(folder, made), folder / "tls.key")
    handler = type("Handler", (_Handler,), {"patch": patch})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    name = f"zz-undo-{namespace}"
    url = f"https://127.0.0.1:{server.server_port}/"
    gateway.post(_PATH, _configuration(name, namespace, url, made[0]))
    try:
        yield
    finally:
        gateway.delete(f"{_PATH}/{name}")
        server.shutdown()
        server.server_close()


def _configuration(name: str, namespace: str, url: str, ca: bytes) -> dict[str, object]:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"]}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [
            {
                "name": "undo.podtailor.example",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
                "clientConfig": {"url": url, "caBundle": base64.b64encode(ca).decode()},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{**rule, "resources": ["pods"]}],
            }
        ],
    }
