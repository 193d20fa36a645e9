"""The probes and metrics over HTTP: when the process is alive, and when it is ready."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from scaler.loop import Loop
from scaler.reporting import health_server
from scaler.reporting.health_server import LOCAL, alive, ready, serve
from tests.unit.scaler.builders import NOW
from tests.unit.scaler.world import unread_loop


@pytest.fixture
def loop() -> Loop:
    return unread_loop()


@pytest.fixture
def port(loop: Loop) -> Iterator[int]:
    checks = {
        "/livez": lambda: alive(loop.cadence.started, 5, time.monotonic()),
        "/readyz": lambda: ready(loop.observer.missing(), loop.observer.oldest()),
    }
    server = serve(loop.reporter.metrics.registry, checks, "127.0.0.1", 0)
    yield server.server_port
    server.shutdown()
    server.server_close()


def fetched(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read().decode()


@pytest.mark.parametrize(
    ("began", "interval", "message"),
    [
        (-float("inf"), 5, None),
        (NOW, 5, None),
        (NOW - 61, 5, "no cycle for 61 s"),
        (NOW - 61, 30, None),
        (NOW - 91, 30, "no cycle for 91 s"),
    ],
)
def test_the_process_is_alive_until_no_cycle_has_begun_for_long(
    began: float, interval: float, message: str | None
) -> None:
    assert alive(began, interval, NOW) == message


def test_the_process_is_not_ready_before_all_was_read_and_when_a_watch_is_silent() -> None:
    assert ready(["/api/v1/pods"], 0.0) == "not read yet: /api/v1/pods"
    assert ready([], 121.0) == "a watch is silent for 121 s"
    assert ready([], 1.0) is None


@pytest.mark.parametrize("path", ["/", "/livez", "/metrics", "/nowhere"])
def test_nothing_but_reading_without_a_page_too(port: int, path: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", b"x", method="POST")
    with (
        pytest.raises(urllib.error.HTTPError) as raised,
        urllib.request.urlopen(request, timeout=5),
    ):
        pass
    with raised.value as answer:
        assert (answer.code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_connection_on_which_nothing_comes_is_closed_without_a_word(
    port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health_server._Handler, "timeout", 0.1)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as silent:
        assert silent.recv(1) == b""
    assert capsys.readouterr().err == ""


def test_a_head_has_no_body(port: int) -> None:
    for path in ("/livez", "/metrics"):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method="HEAD")
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert (answer.status, answer.read()) == (200, b"")


def test_a_page_has_all_other_paths_and_learns_where_a_request_arrived(loop: Loop) -> None:
    def page(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        start("200 OK", [])
        return [f"{environ['PATH_INFO']} at {environ[LOCAL]}".encode()]

    checks = {"/livez": lambda: None}
    server = serve(loop.reporter.metrics.registry, checks, "0.0.0.0", 0, page)
    try:
        assert fetched(server.server_port, "/any") == (200, "/any at 127.0.0.1")
        assert fetched(server.server_port, "/livez") == (200, "ok\n")
        assert "podtailor" in fetched(server.server_port, "/metrics")[1]
    finally:
        server.shutdown()
        server.server_close()


def test_probes_and_metrics_are_served_over_http(loop: Loop, port: int) -> None:
    assert fetched(port, "/livez") == (200, "ok\n")
    assert fetched(port, "/readyz")[0] == 503
    assert fetched(port, "/nowhere") == (404, "not found\n")
    status, text = fetched(port, "/metrics")
    assert status == 200 and "podtailor_cycle_seconds" in text
