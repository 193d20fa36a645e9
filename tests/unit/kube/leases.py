"""An API server of Leases on loopback: versions as the real one keeps them, and faults on demand.

Several doors lead to the same Leases, so that it can hang for one contender alone.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kubernetes import client

from kube.gateway import Gateway

_Answer = tuple[int, dict[str, Any]]


class Leases:
    """What the server holds; `put` and `delete` stand for changes by users."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.writes = 0
        self._version = 0
        self._held: dict[str, dict[str, Any]] = {}

    def spec(self, name: str = "scaler") -> dict[str, Any]:
        with self.lock:
            return dict(self._held.get(name, {}).get("spec", {}))

    def labels(self, name: str = "scaler") -> dict[str, str]:
        with self.lock:
            return dict(self._held[name]["metadata"].get("labels") or {})

    def put(self, spec: dict[str, Any], name: str = "scaler", **labels: str) -> None:
        with self.lock:
            self._store(name, {"metadata": {"name": name, "labels": labels}, "spec": spec})

    def delete(self, name: str = "scaler") -> None:
        with self.lock:
            del self._held[name]

    def answer(self, method: str, name: str, body: dict[str, Any]) -> _Answer:
        with self.lock:
            if method == "POST":
                name = body["metadata"]["name"]
                return _no(409, "AlreadyExists") if name in self._held else self._store(name, body)
            held = self._held.get(name)
            if held is None:
                return _no(404, "NotFound")
            if method == "GET":
                return 200, held
            if body["metadata"]["resourceVersion"] != held["metadata"]["resourceVersion"]:
                return _no(409, "Conflict")
            merged = {k: v for k, v in {**held["spec"], **body["spec"]}.items() if v is not None}
            return self._store(name, {"metadata": dict(held["metadata"]), "spec": merged})

    def _store(self, name: str, made: dict[str, Any]) -> _Answer:
        self._version += 1
        self.writes += 1
        made["metadata"]["resourceVersion"] = str(self._version)
        self._held[name] = made
        return 200, made


@dataclass
class Door:
    """One endpoint of the server. `hung`: accepts, never answers; `mute`: it acts, but does not
    answer; `garbled`: it answers garbage."""

    url: str
    hung: threading.Event = field(default_factory=threading.Event)
    mute: threading.Event = field(default_factory=threading.Event)
    garbled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def gateway(self, timeout: float = 0.15) -> Gateway:
        return Gateway(client.Configuration(host=self.url), timeout=timeout)


@contextmanager
def door(leases: Leases) -> Iterator[Door]:
    """A server that runs during the block."""
    made = Door("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            if made.hung.is_set():
                self._hang()
                return
            status, document = leases.answer(self.command, self.path.rpartition("/")[2], body)
            if made.mute.is_set():
                self._hang()
                return
            text = b"<html>" if made.garbled.is_set() else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = answer

        def _hang(self) -> None:
            made.over.wait()
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that disconnects is expected."""


def _no(code: int, reason: str) -> _Answer:
    return code, {"kind": "Status", "code": code, "reason": reason, "message": reason}
