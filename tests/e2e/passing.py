"""Shared by the proxies between one of our programs and the API server."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from kube.gateway import Gateway, Trust

_CHUNK = 65536

KUBECONFIG = """apiVersion: v1
kind: Config
current-context: proxy
contexts: [{{name: proxy, context: {{cluster: proxy, user: proxy}}}}]
clusters: [{{name: proxy, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: proxy, user: {{}}}}]
"""
"""Points a program at the proxy on a port of the loopback."""


class Upstream:
    """The real API server, called with our credentials."""

    def __init__(self, gateway: Gateway) -> None:
        self._host = urlsplit(gateway.host)
        self._tls = _context(gateway.trust())

    @contextmanager
    def asked(self, request: BaseHTTPRequestHandler) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request that is passed on."""
        connection = http.client.HTTPSConnection(
            str(self._host.hostname), self._host.port, context=self._tls, timeout=400
        )
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)) or None
        kept = {n: v for n in ("Accept", "Content-Type") if (v := request.headers.get(n))}
        with closing(connection):
            connection.request(request.command, request.path, body=body, headers=kept)
            with closing(connection.getresponse()) as answer:
                yield answer


class Proxy:
    """Serves on the loopback until `close()`; `kubeconfig` points a program at it."""

    def __init__(self, gateway: Gateway, kubeconfig: Path) -> None:
        self.upstream = Upstream(gateway)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                self.close_connection = True
                proxy.serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.kubeconfig = kubeconfig
        kubeconfig.write_text(KUBECONFIG.format(port=self._server.server_port))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Pass it on, and its answer back."""
        with self.upstream.asked(request) as answer:
            returned(request, answer)


def returned(request: BaseHTTPRequestHandler, answer: http.client.HTTPResponse) -> None:
    """Pass the whole answer back to the client."""
    began(request, answer)
    for piece in pieces(answer):
        sent(request, piece)
    sent(request, b"")


def began(request: BaseHTTPRequestHandler, answer: http.client.HTTPResponse) -> None:
    """The head of the answer; its body follows in pieces."""
    request.send_response(answer.status)
    for name in ("Content-Type", "Retry-After"):
        if value := answer.headers.get(name):
            request.send_header(name, value)
    request.send_header("Connection", "close")
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()


def pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The pieces as they arrive: a watch must not wait for a full buffer."""
    while piece := answer.read1(_CHUNK):
        yield piece


def sent(request: BaseHTTPRequestHandler, piece: bytes) -> None:
    """Send one piece to the client; an empty one ends the answer."""
    request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


def _context(trust: Trust) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=trust.ca_file)
    if trust.client_cert_file:
        context.load_cert_chain(trust.client_cert_file, trust.client_key_file)
    return context
