"""An API server of one kind, scripted: lists and watches PodSizes, and goes silent on request."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

Object = dict[str, Any]


class ApiServer:
    """What the server holds, and how it behaves. Use `running()`."""

    def __init__(self) -> None:
        self.url = ""
        self.listing = threading.Event()
        """Lists are answered once this is set."""
        self.silent = threading.Event()
        """From now on nothing is sent on a watch, and new connections are not answered."""
        self.stop = threading.Event()
        self.requests: list[str] = []
        self._changed = threading.Condition()
        self._version = 100
        self._objects: dict[tuple[str, str], Object] = {}
        self._events: list[Object] = []
        self.listing.set()

    def put(self, made: Object) -> None:
        """Create or replace an object; the watches hear of it."""
        with self._changed:
            self._version += 1
            made["metadata"]["resourceVersion"] = str(self._version)
            key = (made["metadata"]["namespace"], made["metadata"]["name"])
            kind = "MODIFIED" if key in self._objects else "ADDED"
            self._objects[key] = made
            self._events.append({"type": kind, "object": made})
            self._changed.notify_all()

    def kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig that leads here."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path.write_text(json.dumps(config))
        return path

    def list(self) -> bytes:
        """The answer to a list."""
        while not self.listing.wait(0.05) and not self.stop.is_set():
            pass
        with self._changed:
            items = list(self._objects.values())
            listing = {"metadata": {"resourceVersion": str(self._version)}, "items": items}
            return json.dumps(listing).encode()

    def events(self, after: int) -> Iterator[bytes]:
        """The lines of a watch."""
        at = 0
        while not self.stop.is_set():
            with self._changed:
                self._changed.wait(0.05)
                new, at = self._events[at:], len(self._events)
            if self.silent.is_set():
                continue
            for event in new:
                if int(event["object"]["metadata"]["resourceVersion"]) > after:
                    yield json.dumps(event).encode() + b"\n"


@contextmanager
def running() -> Iterator[ApiServer]:
    """A server on loopback for as long as the block runs."""
    api = ApiServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            api.requests.append(self.path)
            query = parse_qs(urlparse(self.path).query)
            while api.silent.is_set() and not api.stop.wait(0.05):
                pass
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            if "watch" in query:
                for line in api.events(int(query["resourceVersion"][0])):
                    self.send_chunk(line)
            else:
                self.send_chunk(api.list())
            self.send_chunk(b"")

        def send_chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield api
    finally:
        api.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()
