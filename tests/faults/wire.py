"""A proxy between one program and the API server that can be cut, go silent, or expire watches.

| call      | what the program sees                                                               |
| --------- | ----------------------------------------------------------------------------------- |
| `cut`     | every connection ends, and no new one succeeds until `mend`                         |
| `silence` | open watches receive nothing more and do not end: a dead peer                       |
| `forget`  | open watches end with 410, and the next of each is refused with 410                 |
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kube.gateway import Gateway, Trust
from tests.e2e.passing import Upstream, began, pieces, sent

_EXPIRED = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "Expired",
    "message": "too old resource version",
    "code": 410,
}


@dataclass
class _Watch:
    """One of the program's open watches."""

    request: BaseHTTPRequestHandler
    over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, piece: bytes) -> bool:
        """Pass a piece on; False if the program must see no more of this watch."""
        with self.lock:
            if not self.over:
                sent(self.request, piece)
            return not self.over

    def silence(self) -> None:
        """Pass nothing more on."""
        with self.lock:
            self.over = True

    def end(self, last: bytes = b"") -> None:
        """End it, in an orderly way if there is a last line."""
        with self.lock, suppress(OSError):
            self.over = True
            if last:
                sent(self.request, last)
                sent(self.request, b"")
            else:
                self.request.connection.shutdown(socket.SHUT_RDWR)


class Wire:
    """Serves on the loopback until `close()`; `kubeconfig` points a program at it."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self._upstream = Upstream(gateway)
        self._watches: list[_Watch] = []
        self._forgotten: set[str] = set()
        self._cut = False
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.kubeconfig = folder / "wire.kubeconfig"
        url = f"http://127.0.0.1:{self._server.server_port}"
        self.kubeconfig.write_text(json.dumps(_kubeconfig(url, gateway.trust())))

    def close(self) -> None:
        """Stop serving."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def cut(self) -> None:
        """See the module's table."""
        self._cut = True
        for watch in [*self._watches]:
            watch.end()

    def mend(self) -> None:
        """Let everything pass again."""
        self._cut = False

    def silence(self) -> int:
        """See the module's table; the number of watches."""
        for watch in (found := [*self._watches]):
            watch.silence()
        return len(found)

    def forget(self) -> int:
        """See the module's table; the number of watches."""
        line = json.dumps({"type": "ERROR", "object": _EXPIRED}).encode() + b"\n"
        for watch in (found := [*self._watches]):
            self._forgotten.add(_path(watch.request))
            watch.end(line)
        return len(found)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                self.close_connection = True
                wire._serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        return Handler

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        if self._cut:
            return
        if "watch=true" not in request.path:
            with self._upstream.asked(request) as answer:
                began(request, answer)
                for piece in pieces(answer):
                    sent(request, piece)
                sent(request, b"")
            return
        if _path(request) in self._forgotten:
            self._forgotten.discard(_path(request))
            _refuse(request)
            return
        with self._upstream.asked(request) as answer:
            began(request, answer)
            with self._open(request) as watch:
                complete = all(watch.take(piece) for piece in pieces(answer)) and watch.take(b"")
            if not complete and not self._cut:
                self._left(request)

    @contextmanager
    def _open(self, request: BaseHTTPRequestHandler) -> Iterator[_Watch]:
        made = _Watch(request)
        self._watches.append(made)
        try:
            yield made
        finally:
            self._watches.remove(made)

    def _left(self, request: BaseHTTPRequestHandler) -> None:
        """The program has to notice by itself: the connection stays open until it does."""
        request.connection.settimeout(0.5)
        while not self._closing.is_set():
            try:
                if not request.connection.recv(1):
                    return
            except TimeoutError:
                continue


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignored: the program or the API server is gone, so the connection ends."""


def _kubeconfig(url: str, trust: Trust) -> dict[str, object]:
    """Plain HTTP to this proxy; calls to the kubelets bypass it."""
    user = {"client-certificate": trust.client_cert_file, "client-key": trust.client_key_file}
    cluster = {"server": url, "certificate-authority": trust.ca_file}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "wire",
        "contexts": [{"name": "wire", "context": {"cluster": "wire", "user": "wire"}}],
        "clusters": [{"name": "wire", "cluster": cluster}],
        "users": [{"name": "wire", "user": user}],
    }


def _path(request: BaseHTTPRequestHandler) -> str:
    return request.path.partition("?")[0]


def _refuse(request: BaseHTTPRequestHandler) -> None:
    body = json.dumps(_EXPIRED).encode()
    request.send_response(410)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
