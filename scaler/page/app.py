"""The page over HTTP, read-only: HTML that shows nothing by itself, and JSON that it asks for.

| path                                 | answer                                                    |
| ------------------------------------ | --------------------------------------------------------- |
| `/`, `/workload/NS/KIND/NAME`        | the two views                                             |
| `/preview`                           | what would have changed where mode is observe             |
| `/reasons`                           | docs/reasons.md                                           |
| `/static/…`                          | scripts, styles, the charting library                     |
| `/api/reasons`                       | what each reason code means, in a sentence or two         |
| `/api/overview`                      | all workloads that the viewer may list                    |
| `/api/workload/NS/KIND/NAME?hours=6` | one workload with its past; 1 to 192 hours                |
| `/api/preview`                       | the workloads that are observed, of those                 |
| `/api/preview/NS/KIND/NAME`          | what would have changed in one of them                    |
| any other method than GET and HEAD   | 405: nothing can be changed here                          |
"""

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from scaler.page import markdown, responses
from scaler.page.answers import Answers
from scaler.page.assets import Asset, asset, assets, reasons
from scaler.page.doors import Asked, Door, Refused
from scaler.page.previews import Previews
from scaler.reporting.health_server import LOCAL
from store.model import Workload
from store.naming import object_name

LONGEST = 192.0
"""Hours: eight days, as long as the history goes back."""
NONE = (
    "no such workload is enrolled, or was in the last days: "
    "kubectl podtailor explain says what would be done about any"
)
PAGES = ("overview", "workload", "preview", "reasons")
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


def create_app(answers: Answers, previews: Previews, door: Door) -> Flask:
    """The application."""
    app = Flask(__name__, static_folder=None)
    files, shown = assets(), {name: page(app, name) for name in PAGES}
    codes = asset(msgspec.json.encode(markdown.meanings(reasons())), ".json")

    @app.before_request
    def only_reading() -> Response | None:
        if request.method not in responses.READ:
            return responses.error(405, "read-only: GET and HEAD")
        door.enter(_asked())
        return None

    @app.get("/")
    def overview_page() -> Response:
        return responses.file(shown["overview"])

    @app.get("/workload/<namespace>/<kind>/<name>")
    def workload_page(namespace: str, kind: str, name: str) -> Response:
        return responses.file(shown["workload"])

    @app.get("/preview")
    def preview_page() -> Response:
        return responses.file(shown["preview"])

    @app.get("/reasons")
    def reasons_page() -> Response:
        return responses.file(shown["reasons"])

    @app.get("/static/<path:name>")
    def static_file(name: str) -> Response:
        return responses.file(files[name]) if name in files else responses.error(404, "not found")

    @app.get("/api/reasons")
    def meanings() -> Response:
        return responses.file(codes)

    _serve_json(app, answers, door)
    _serve_previews(app, previews, door)
    _serve_errors(app)
    return app


def _serve_json(app: Flask, answers: Answers, door: Door) -> None:
    @app.get("/api/overview")
    def overview() -> Response:
        viewer, whole = door.viewer(_asked()), answers.overview()
        allowed = {n: viewer.may_list(n) for n in dict.fromkeys(str(r[0]) for r in whole.rows)}
        rows = [row for row in whole.rows if allowed[str(row[0])]]
        return responses.json(msgspec.structs.replace(whole, rows=rows))

    @app.get("/api/workload/<namespace>/<kind>/<name>")
    def workload(namespace: str, kind: str, name: str) -> Response:
        _admitted(door, namespace, kind, name)
        found = answers.detail(namespace, kind, name, _hours(request.args.get("hours", "6")))
        return responses.json(found) if found else responses.error(404, NONE)


def _serve_previews(app: Flask, previews: Previews, door: Door) -> None:
    @app.get("/api/preview")
    def observed() -> Response:
        viewer, every = door.viewer(_asked()), previews.names()
        allowed = {
            n: viewer.may_list(n) for n in dict.fromkeys(namespace for namespace, *_ in every)
        }
        return responses.json({"workloads": [one for one in every if allowed[one[0]]]})

    @app.get("/api/preview/<namespace>/<kind>/<name>")
    def preview(namespace: str, kind: str, name: str) -> Response:
        _admitted(door, namespace, kind, name)
        found = previews.of(namespace, kind, name)
        return (
            responses.json(found) if found else responses.error(404, "no such workload is observed")
        )


def _admitted(door: Door, namespace: str, kind: str, name: str) -> None:
    """Raises Refused where the viewer may not get that workload's PodSize."""
    viewer = door.viewer(_asked())
    if not viewer.may_get(namespace, object_name(Workload("", kind, namespace, name))):
        raise Refused(403, f"you may not get the PodSizes of namespace {namespace}")


def _serve_errors(app: Flask) -> None:
    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return responses.error(error.status, error.message)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return responses.error(
            error.code or 500, "not found" if error.code == 404 else error.name.lower()
        )

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


def page(app: Flask, name: str) -> Asset:
    """A view in the frame that all share; `reasons` has docs/reasons.md in it."""
    text = markdown.html(reasons()) if name == "reasons" else ""
    made = app.jinja_env.get_template(f"{name}.html").render(text=text)
    return asset(made.encode(), ".html")
