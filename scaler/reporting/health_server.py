"""Health checks and metrics over plain HTTP. Requests have no side effects.

| path       | 200 when                                                                |
| ---------- | ----------------------------------------------------------------------- |
| `/livez`   | the last cycle began less than three intervals (at least 60 s) ago      |
| `/readyz`  | every watch has been listed, and got an event or bookmark in the last   |
|            | two minutes                                                             |
| `/metrics` | always                                                                  |
| any other  | the page has it, where there is one (scaler/page)                       |

Any method but GET and HEAD is refused: nothing can be changed here.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import ThreadingWSGIServer, make_wsgi_app

from store.cache import STALE

LOCAL = "podtailor.local"
"""In the WSGI environment: the address at which the request arrived."""
IDLE = 30.0
"""Seconds after which a connection on which nothing comes is closed: browsers open some ahead."""
Health = Callable[[], str | None]
"""Why a check fails; None: it succeeds."""


def alive(began: float, interval: float, now: float) -> str | None:
    """Why the loop is stuck; None: it is not. `began`: start of its last cycle; all in seconds."""
    age, most = now - began, max(60.0, 3.0 * interval)
    return f"no cycle for {age:.0f} s" if most < age < float("inf") else None


def ready(missing: Sequence[str], silent: float) -> str | None:
    """Why the scaler is not ready; None: it is.

    `missing`: what has not been listed yet. `silent`: seconds without an event on the watch that
    has been silent longest.
    """
    if missing:
        return "not read yet: " + ", ".join(missing)
    return f"a watch is silent for {silent:.0f} s" if silent > STALE else None


class _Handler(WSGIRequestHandler):
    timeout = IDLE

    def handle(self) -> None:
        """One request; a connection that is silent or lost is no error."""
        with suppress(TimeoutError, ConnectionError):
            super().handle()

    def get_environ(self) -> dict[str, Any]:
        """With the address at which the request arrived: the server may listen on all."""
        return {**super().get_environ(), LOCAL: self.connection.getsockname()[0]}

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: probes come every few seconds."""


def serve(
    registry: CollectorRegistry,
    checks: Mapping[str, Health],
    address: str,
    port: int,
    page: WSGIApplication | None = None,
) -> ThreadingWSGIServer:
    """Serve in a separate thread until `shutdown()`; `checks` by path, `page` for all others."""
    metrics: WSGIApplication = make_wsgi_app(registry)

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "")
        check = checks.get(path)
        if page is not None and check is None and path != "/metrics":
            return page(environ, start)
        if method not in ("GET", "HEAD"):
            return _text(start, "405 Method Not Allowed", "read-only: GET and HEAD", method)
        if path == "/metrics":
            found = metrics({**environ, "REQUEST_METHOD": "GET"}, start)
            return [] if method == "HEAD" else found
        wrong = "not found" if check is None else check()
        status = "404 Not Found" if check is None else "503 Not Ready" if wrong else "200 OK"
        return _text(start, status, wrong or "ok", method)

    server = make_server(address, port, app, ThreadingWSGIServer, handler_class=_Handler)
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    return server


def _text(start: StartResponse, status: str, text: str, method: str) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8")]
    start(status, [*headers, *([("Allow", "GET, HEAD")] if status.startswith("405") else [])])
    return [] if method == "HEAD" else [text.encode() + b"\n"]
