"""What the API server calls in these tests: it passes reviews on to the webhook, or misbehaves.

It takes the role that a Service has in an installation: it calls those of several webhooks that
report ready, in turn.
"""

import http.client
import itertools
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.unit.webhook import certs

Answer = tuple[int, bytes]
Course = Callable[[bytes], Answer]
"""From a review to what is answered. Raises OSError where nobody answers."""

_UNREADY = 1.0  # seconds for which a webhook's own readiness is cached


class Front:
    """Serves on the loopback until `close()`; `course` decides what happens to a review."""

    def __init__(self, folder: Path) -> None:
        self.asked = 0
        self.webhooks: list[int] = []
        self.course: Course = self.passing
        self._turn: Iterator[int] = itertools.count()
        self._unready: dict[int, tuple[float, bool]] = {}
        made = {"good": certs.pair(), "expired": certs.pair("expired", days=0)}
        self.bundle = made["good"][0] + made["expired"][0]
        self._contexts = {name: _context(folder / name, pair) for name, pair in made.items()}
        self.serving = "good"
        self._server = _Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"https://127.0.0.1:{self._server.server_port}/mutate"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def whole(self) -> None:
        """Behave like a healthy Service."""
        self.course, self.serving = self.passing, "good"

    def passing(self, review: bytes) -> Answer:
        """The answer of a webhook that is ready."""
        ready = [port for port in self.webhooks if self._ready(port)]
        if not ready:
            raise ConnectionError("no webhook is ready")
        return _ask(ready[next(self._turn) % len(ready)], "POST", "/mutate", review)

    def slow(self, seconds: float) -> Course:
        """The right answer, delayed."""

        def course(review: bytes) -> Answer:
            time.sleep(seconds)
            return self.passing(review)

        return course

    def _ready(self, port: int) -> bool:
        """Whether the webhook reports ready, asked as a kubelet would."""
        looked, ready = self._unready.get(port, (0.0, True))
        if len(self.webhooks) > 1 and time.monotonic() - looked > _UNREADY:
            try:
                ready = _ask(port, "GET", "/readyz", None)[0] == 200
            except OSError:
                ready = False
            self._unready[port] = (time.monotonic(), ready)
        return ready

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        front = self

        class Handler(BaseHTTPRequestHandler):
            request: Any

            def setup(self) -> None:
                context = front._contexts[front.serving]
                self.request = context.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self) -> None:
                with suppress(OSError):
                    super().finish()
                self.request.close()

            def do_POST(self) -> None:
                front.asked += 1
                review = self.rfile.read(int(self.headers["Content-Length"]))
                status, body = front.course(review)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignored: the client gave up, or gets no answer; it sees the connection close."""


def failing(review: bytes) -> Answer:
    """A webhook with an internal error."""
    return 500, b"broken"


def garbage(review: bytes) -> Answer:
    """Something else answers at the webhook's address."""
    return 200, b"<html>Welcome</html>"


def _ask(port: int, method: str, path: str, body: bytes | None) -> Answer:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
    with closing(connection):
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def _context(folder: Path, pair: tuple[bytes, bytes]) -> ssl.SSLContext:
    folder.mkdir()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs.write(folder, pair), folder / "tls.key")
    return context
