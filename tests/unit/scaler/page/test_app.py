"""The page over HTTP: what each path answers, with which headers, and that nothing is changed."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scaler.page.answers import Answers
from scaler.page.app import create_app
from scaler.page.doors import Anybody, Asked, OpenDoor, Refused, Viewer
from scaler.page.previews import Previews
from scaler.page.seen import Seen
from scaler.reporting.journal import Journal
from tests.page import fleet

VIEWS = (*(fleet.view(n) for n in range(3)), *map(fleet.observed, (13, 14)))
SEEN = Seen(VIEWS, tuple(map(fleet.plan, VIEWS)), fleet.NOW)
WORKLOAD = "/api/workload/team-1/Deployment/web-0001"
PATHS = [
    "/",
    "/preview",
    "/api/preview",
    "/workload/a/b/c",
    "/reasons",
    "/static/page.css",
    "/api/overview",
    WORKLOAD,
    "/no",
]


class One(Anybody):
    """May see one namespace."""

    def may_list(self, namespace: str) -> bool:
        return namespace == "team-1"

    def may_get(self, namespace: str, name: str) -> bool:
        return (namespace, name) == ("team-1", "deployment-web-0001")


class Narrow(OpenDoor):
    def viewer(self, asked: Asked) -> Viewer:
        if not asked.authorization:
            raise Refused(401, "a bearer token is needed")
        return One()


def client(door: OpenDoor) -> FlaskClient:
    answers = Answers(lambda: SEEN, fleet.windows(VIEWS), Journal(), lambda: fleet.NOW)
    previews = Previews(lambda: SEEN, lambda: fleet.NOW)
    return create_app(answers, previews, door).test_client()


def body(answer: TestResponse) -> Any:
    return json.loads(answer.data)


@pytest.fixture
def page() -> Iterator[FlaskClient]:
    yield client(OpenDoor())


def test_a_preview_is_of_one_that_is_observed(page: FlaskClient) -> None:
    found = body(page.get("/api/preview/team-1/Deployment/web-0013"))
    assert (found["restarts"], found["withoutUsage"]) == (0, ["nginx"])
    assert page.get(WORKLOAD.replace("workload", "preview", 1)).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded(page: FlaskClient, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY" and headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ODD"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_but_reading(page: FlaskClient, path: str, method: str) -> None:
    answer = page.open(path, method=method)
    assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", PATHS[:-1])
def test_a_head_is_the_same_without_a_body(page: FlaskClient, path: str) -> None:
    answer = page.head(path)
    assert (answer.status_code, answer.data) == (200, b"")


def test_the_views_are_html_that_shows_nothing_of_the_cluster(page: FlaskClient) -> None:
    for path in ("/", "/workload/team-1/Deployment/web-0001"):
        text = page.get(path).text
        assert text.startswith("<!doctype html>") and "team-1" not in text
    assert 'id="doubled"' in page.get("/reasons").text


def test_the_overview_has_its_rows_by_column(page: FlaskClient) -> None:
    found = page.get("/api/overview")
    assert found.mimetype == "application/json" and found.headers["Cache-Control"] == "no-store"
    row = dict(zip(body(found)["columns"], body(found)["rows"][1], strict=True))
    assert (row["name"], row["reason"], row["cpu"]) == ("web-0001", "Doubled", [600, 500, 1000])


def test_one_workload_has_camel_case_columns_in_its_series(page: FlaskClient) -> None:
    found = body(page.get(WORKLOAD))
    assert found["name"] == "web-0001" and found["changes"][0]["to"] == "1"
    assert {"at", "cpu", "cpuMax", "cpuLimit", "memoryRequest"} <= found["series"][0].keys()


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/api/workload/team-1/Deployment/no", 404, "no such workload"),
        (WORKLOAD + "?hours=0", 400, "from 1 to 192"),
        (WORKLOAD + "?hours=nan", 400, "from 1 to 192"),
        (WORKLOAD + "?hours=x", 400, "from 1 to 192"),
        (WORKLOAD + "?hours=193", 400, "from 1 to 192"),
        ("/api/no", 404, "not found"),
    ],
)
def test_what_cannot_be_is_answered_with_the_reason(
    page: FlaskClient, path: str, status: int, message: str
) -> None:
    answer = page.get(path)
    assert answer.status_code == status and message in body(answer)["error"]


def test_a_file_is_sent_once_while_it_is_the_same(page: FlaskClient) -> None:
    first = page.get("/static/page.css")
    again = page.get("/static/page.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert page.get("/static/../app.py").status_code == 404
    assert page.get("/static/%2e%2e/app.py").status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/overview"])
def test_it_is_compressed_where_that_is_understood(page: FlaskClient, path: str) -> None:
    plain = page.get(path)
    small = page.get(path, headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data and len(small.data) < len(plain.data)


def test_a_request_by_another_name_gets_nothing(page: FlaskClient) -> None:
    for path in PATHS:
        assert page.get(path, headers={"Host": "podtailor-scaler:8080"}).status_code == 421


def test_a_viewer_sees_what_the_door_lets_through() -> None:
    page = client(Narrow())
    refused = page.get("/api/overview")
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"] == "Bearer"
    assert page.get("/").status_code == 200
    token = {"Authorization": "Bearer x"}
    rows = body(page.get("/api/overview", headers=token))["rows"]
    assert {row[0] for row in rows} == {"team-1"}
    named = body(page.get("/api/preview", headers=token))["workloads"]
    assert named == [["team-1", "Deployment", "web-0013"]]
    assert page.get("/api/preview/team-1/Deployment/web-0013", headers=token).status_code == 403
    assert page.get(WORKLOAD, headers=token).status_code == 200
    other = page.get("/api/workload/team-2/Deployment/web-0002", headers=token)
    assert other.status_code == 403 and "team-2" in body(other)["error"]


def test_text_of_the_cluster_is_json_and_nothing_else() -> None:
    views = (fleet.view(0, fleet.SCRIPT),)
    seen = Seen(views, (), fleet.NOW)
    answers = Answers(lambda: seen, fleet.windows(views), Journal(), lambda: fleet.NOW)
    previews = Previews(lambda: seen, lambda: fleet.NOW)
    page = create_app(answers, previews, OpenDoor()).test_client()
    found = page.get("/api/overview")
    assert json.loads(found.data)["rows"][0][5] == fleet.SCRIPT
    assert found.mimetype == "application/json"
