"""`python -m webhook.selftest`: does the installed system answer? `helm test` runs this.

It takes the same path as the API server: the Service's address, TLS with the CA and the name
verified, a review posted to /mutate. Then it checks that both programs are ready. It needs no token
and changes nothing: the pod in the review has no owner, so it must come back allowed and unchanged.
"""

import http.client
import json
import os
import ssl
import sys
import time
import uuid
from collections.abc import Callable, Mapping

_PATIENCE = 60.0  # seconds; the test may start right after the installation
_TIMEOUT = 5.0
_PORT = 443

Check = tuple[str, Callable[[], str]]


def main(environ: Mapping[str, str], *, patience: float = _PATIENCE) -> int:
    """Run all checks, each until it passes or time runs out; the exit status."""
    deadline = time.monotonic() + patience
    failed = 0
    for what, check in checks(environ):
        wrong = check()
        while wrong and time.monotonic() < deadline:
            time.sleep(1)
            wrong = check()
        print(f"{'FAILED' if wrong else 'ok'}  {what}{': ' + wrong if wrong else ''}", flush=True)
        failed += bool(wrong)
    return 1 if failed else 0


def checks(environ: Mapping[str, str]) -> list[Check]:
    """The checks: of the webhook always, of the scaler if its address is given."""
    prefix = "PODTAILOR_SELFTEST_"
    webhook = environ[prefix + "WEBHOOK"]
    port = int(environ.get(prefix + "PORT") or _PORT)
    name = environ[prefix + "SERVERNAME"]
    file = environ.get(prefix + "CAFILE") or None
    text = environ.get(prefix + "CA") or None

    def connect() -> http.client.HTTPSConnection:
        trust = ssl.create_default_context(cafile=file, cadata=text)
        # As strict as the API server, which accepts CA certificates without a key usage extension.
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return _Named(webhook, port, name, trust)

    found: list[Check] = [
        (f"a review is answered by {name}", lambda: _asked(lambda: reviewed(connect()))),
        ("the webhook is ready", lambda: _asked(lambda: ready(connect()))),
    ]
    if scaler := environ.get(prefix + "SCALER"):
        found.append(("the scaler is ready", lambda: _asked(lambda: ready(_plain(scaler)))))
    return found


def reviewed(connection: http.client.HTTPConnection) -> str:
    """What is wrong with the answer to a review; empty: nothing."""
    uid = str(uuid.uuid4())
    connection.request("POST", "/mutate", json.dumps(_review(uid)), _JSON)
    response = json.loads(connection.getresponse().read())["response"]
    if response != {"uid": uid, "allowed": True}:
        return f"unexpected answer: {json.dumps(response)[:300]}"
    return ""


def ready(connection: http.client.HTTPConnection) -> str:
    """Why the program is not ready; empty: it is ready."""
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    body = answer.read(300).decode(errors="replace").strip()
    return "" if answer.status == 200 else f"{answer.status}: {body}"


_JSON = {"Content-Type": "application/json"}


class _Named(http.client.HTTPSConnection):
    """Connects to an address but expects the certificate of a name: no DNS is needed."""

    def __init__(self, address: str, port: int, name: str, trust: ssl.SSLContext) -> None:
        super().__init__(address, port, timeout=_TIMEOUT)
        self._name, self._trust = name, trust

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self._name)


def _plain(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(address, timeout=_TIMEOUT)


def _asked(ask: Callable[[], str]) -> str:
    """The edge: any error becomes the check's result."""
    try:
        return ask()
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def _review(uid: str) -> Mapping[str, object]:
    container = {"name": "app", "image": "app", "resources": {"requests": {"cpu": "1m"}}}
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": uid,
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "namespace": "podtailor-selftest",
            "operation": "CREATE",
            "dryRun": True,
            "object": {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"generateName": "selftest-", "namespace": "podtailor-selftest"},
                "spec": {"containers": [container]},
            },
        },
    }


if __name__ == "__main__":
    sys.exit(main(os.environ))
