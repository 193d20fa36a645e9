"""Health checks and metrics over plain HTTP. Requests have no side effects.

| path       | 200 when                                                                |
| ---------- | ----------------------------------------------------------------------- |
| `/livez`   | the last cycle began less than three intervals (at least 60 s) ago      |
| `/readyz`  | every watch has been listed, and got an event or bookmark in the last   |
|            | two minutes                                                             |
| `/metrics` | always                                                                  |
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import ThreadingWSGIServer, make_wsgi_app

from store.cache import STALE

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


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: probes come every few seconds."""


def serve(
    registry: CollectorRegistry, checks: Mapping[str, Health], address: str, port: int
) -> ThreadingWSGIServer:
    """Serve in a separate thread until `shutdown()`; `checks` by path."""
    metrics: WSGIApplication = make_wsgi_app(registry)

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(environ, start)
        check = checks.get(path)
        wrong = "not found" if check is None else check()
        status = "404 Not Found" if check is None else "503 Not Ready" if wrong else "200 OK"
        start(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [(wrong or "ok").encode() + b"\n"]

    server = make_server(address, port, app, ThreadingWSGIServer, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    return server
