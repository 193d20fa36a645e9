"""The page over HTTP, read-only: HTML that shows nothing by itself, and JSON that it asks for.

| path                                 | answer                                                    |
| ------------------------------------ | --------------------------------------------------------- |
| `/`, `/workload/NS/KIND/NAME`        | the two views                                             |
| `/reasons`                           | docs/reasons.md                                           |
| `/static/…`                          | scripts, styles, the charting library                     |
| `/api/reasons`                       | what each reason code means, in a sentence or two         |
| `/api/overview`                      | all workloads that the viewer may list                    |
| `/api/workload/NS/KIND/NAME?hours=6` | one workload with its past; 1 to 192 hours                |
| any other method than GET and HEAD   | 405: nothing can be changed here                          |
"""

import gzip
from collections.abc import Mapping

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from scaler.page import markdown
from scaler.page.answers import Answers
from scaler.page.assets import Asset, asset, assets, reasons
from scaler.page.doors import Asked, Door, Refused
from scaler.reporting.health_server import LOCAL
from store.model import Workload
from store.naming import object_name

LONGEST = 192.0
"""Hours: eight days, as long as the history goes back."""
_READ = ("GET", "HEAD")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(answers: Answers, door: Door) -> Flask:
    """The application."""
    app = Flask(__name__, static_folder=None)
    files = assets()
    shown = {"overview": files["overview.html"], "workload": files["workload.html"]}
    shown["reasons"] = _document(files["reasons.html"])
    codes = asset(msgspec.json.encode(markdown.meanings(reasons())), ".json")

    @app.before_request
    def only_reading() -> Response | None:
        if request.method not in _READ:
            return _error(405, "read-only: GET and HEAD")
        door.enter(_asked())
        return None

    @app.get("/")
    def overview_page() -> Response:
        return _file(shown["overview"])

    @app.get("/workload/<namespace>/<kind>/<name>")
    def workload_page(namespace: str, kind: str, name: str) -> Response:
        return _file(shown["workload"])

    @app.get("/reasons")
    def reasons_page() -> Response:
        return _file(shown["reasons"])

    @app.get("/static/<path:name>")
    def static_file(name: str) -> Response:
        return _file(files[name]) if name in files else _error(404, "not found")

    @app.get("/api/reasons")
    def meanings() -> Response:
        return _file(codes)

    _serve_json(app, answers, door)
    _serve_errors(app)
    return app


def _serve_json(app: Flask, answers: Answers, door: Door) -> None:
    @app.get("/api/overview")
    def overview() -> Response:
        viewer, whole = door.viewer(_asked()), answers.overview()
        allowed = {n: viewer.may_list(n) for n in dict.fromkeys(str(r[0]) for r in whole.rows)}
        rows = [row for row in whole.rows if allowed[str(row[0])]]
        return _json(msgspec.structs.replace(whole, rows=rows))

    @app.get("/api/workload/<namespace>/<kind>/<name>")
    def workload(namespace: str, kind: str, name: str) -> Response:
        viewer = door.viewer(_asked())
        if not viewer.may_get(namespace, object_name(Workload("", kind, namespace, name))):
            raise Refused(403, f"you may not get the PodSizes of namespace {namespace}")
        found = answers.detail(namespace, kind, name, _hours(request.args.get("hours", "6")))
        return _json(found) if found else _error(404, "no such workload is enrolled")


def _serve_errors(app: Flask) -> None:
    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return _error(error.status, error.message)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _error(error.code or 500, "not found" if error.code == 404 else error.name.lower())

    @app.after_request
    def guarded(answer: Response) -> Response:
        for name, value in _HEADERS.items():
            answer.headers[name] = value
        return answer


def _asked() -> Asked:
    local = str(request.environ.get(LOCAL, ""))
    return Asked(request.headers.get("Host", ""), local, request.headers.get("Authorization", ""))


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 1 <= hours <= LONGEST:
        raise Refused(400, f"hours must be a number from 1 to {LONGEST:.0f}")
    return hours


def _document(frame: Asset) -> Asset:
    """docs/reasons.md in the frame of the page."""
    body = markdown.html(reasons()).encode()
    return asset(frame.content.replace(b"<!-- text -->", body), ".html")


def _file(found: Asset) -> Response:
    etag, headers = f'"{found.etag}"', {"Cache-Control": "no-cache", "ETag": f'"{found.etag}"'}
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    return _sent(found.content, found.compressed, found.mimetype, headers)


def _json(value: object) -> Response:
    content = msgspec.json.encode(value)
    compressed = gzip.compress(content, 5) if _compresses() else content
    return _sent(content, compressed, "application/json", {"Cache-Control": "no-store"})


def _error(status: int, message: str) -> Response:
    headers = {"Allow": ", ".join(_READ)} if status == 405 else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if request.path.startswith("/api/"):
        return Response(msgspec.json.encode({"error": message}), status, headers, None, _JSON)
    return Response(message + "\n", status, headers, "text/plain")


_JSON = "application/json"


def _compresses() -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _sent(plain: bytes, compressed: bytes, mimetype: str, headers: Mapping[str, str]) -> Response:
    answer = Response(compressed if _compresses() else plain, 200, dict(headers), mimetype)
    answer.headers["Vary"] = "Accept-Encoding"
    if _compresses():
        answer.headers["Content-Encoding"] = "gzip"
    return answer
