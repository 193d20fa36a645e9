"""How the page's answers are made: files with an ETag, JSON that is never kept, errors in words."""

import gzip
from collections.abc import Mapping

import msgspec
from flask import Response, request

from scaler.page.assets import Asset

READ = ("GET", "HEAD")
_JSON = "application/json"


def file(found: Asset) -> Response:
    """A file that was shipped, or that it has not changed."""
    etag, headers = f'"{found.etag}"', {"Cache-Control": "no-cache", "ETag": f'"{found.etag}"'}
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    return _sent(found.content, found.compressed, found.mimetype, headers)


def json(value: object) -> Response:
    """Of the moment."""
    content = msgspec.json.encode(value)
    compressed = gzip.compress(content, 5) if _compresses() else content
    return _sent(content, compressed, _JSON, {"Cache-Control": "no-store"})


def error(status: int, message: str) -> Response:
    """JSON below `/api/`, else text."""
    headers = {"Allow": ", ".join(READ)} if status == 405 else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if request.path.startswith("/api/"):
        return Response(msgspec.json.encode({"error": message}), status, headers, None, _JSON)
    return Response(message + "\n", status, headers, "text/plain")


def _compresses() -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _sent(plain: bytes, compressed: bytes, mimetype: str, headers: Mapping[str, str]) -> Response:
    answer = Response(compressed if _compresses() else plain, 200, dict(headers), mimetype)
    answer.headers["Vary"] = "Accept-Encoding"
    if _compresses():
        answer.headers["Content-Encoding"] = "gzip"
    return answer
