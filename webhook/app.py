"""The HTTP endpoints: /mutate, and /livez, /readyz, /metrics on the same port.

Health and metrics are read-only; reviews are answered by `webhook.mutate`.

| /readyz                                                               | answer |
| --------------------------------------------------------------------- | ------ |
| store read, API server answered recently, certificate loaded          | 200    |
| anything else (the body names what is missing)                        | 503    |
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response

from store.cache import STALE, Cache
from webhook.answer import ClassOf
from webhook.certificate import Certificate
from webhook.metrics import Metrics
from webhook.mutate import Mutate

REVIEW = "podtailor.review"
"""The extension that answers a review without WSGI."""

_TEXT = "text/plain; charset=utf-8"


def create_app(
    cache: Cache,
    certificate: Certificate,
    *,
    release: str,
    stale: float = STALE,
    class_of: ClassOf = lambda pod: None,
) -> Flask:
    """The application; `stale`: seconds without an answer after which the cache is not trusted.

    `class_of`: the kind of node for which a pod is made.
    """
    app = Flask(__name__, static_folder=None)
    metrics = Metrics(cache, certificate)

    @app.get("/livez")
    def livez() -> Response:
        return Response("ok\n", mimetype=_TEXT)

    @app.get("/readyz")
    def readyz() -> Response:
        missing = _missing(cache, certificate, stale)
        return Response(missing or "ok\n", 503 if missing else 200, mimetype=_TEXT)

    @app.get("/metrics")
    def text() -> Response:
        return Response(metrics.text(), mimetype=_TEXT)

    mutate = Mutate(cache, metrics, release, class_of)
    app.extensions[REVIEW] = mutate.review
    app.wsgi_app = _route(mutate, app.wsgi_app)  # type: ignore[assignment]
    return app


def _route(mutate: WSGIApplication, rest: WSGIApplication) -> WSGIApplication:
    def route(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return (mutate if environ["PATH_INFO"] == "/mutate" else rest)(environ, start)

    return route


def _missing(cache: Cache, certificate: Certificate, stale: float) -> str:
    """What is missing before reviews can be answered correctly, one line each; empty: nothing."""
    lines = []
    if not cache.watch.synced:
        lines.append("the store has not been read yet")
    elif (age := cache.watch.age()) >= stale:
        lines.append(f"the API server last answered {age:.0f} s ago")
    if not certificate.loaded:
        lines.append("no certificate is loaded")
    return "".join(f"{line}\n" for line in lines)
