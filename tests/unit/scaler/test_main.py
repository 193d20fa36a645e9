"""The command `python -m scaler`: its help, and its errors for invalid settings."""

import http.client

import pytest

from scaler.__main__ import _serve, main
from scaler.settings import Settings
from tests.fakes import FakeGateway
from tests.unit.scaler.world import unread_loop


def test_the_program_prints_every_error_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"PODTAILOR_SCALER_INTERVAL": "0", "PODTAILOR_SCALER_DRYRUN": "yes"}
    assert main([], given) == 2
    output = capsys.readouterr().err
    assert "SCALER_INTERVAL" in output and "SCALER_DRYRUN" in output


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("-h", 0), ("explode", 2)])
def test_help_prints_every_setting_and_a_bad_argument_ends_with_2(
    argument: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument], {}) == status
    assert "PODTAILOR_SCALER_INTERVAL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("settings", "page", "rows"),
    [
        (Settings(bind="127.0.0.1", port=0), 200, 200),
        (Settings(bind="127.0.0.1", port=0, page_auth="kubernetes"), 200, 401),
        (Settings(bind="127.0.0.1", port=0, page=False), 404, 404),
    ],
)
def test_the_page_is_beside_health_and_metrics_unless_it_is_switched_off(
    settings: Settings, page: int, rows: int
) -> None:
    loop = unread_loop()
    loop.settings = settings
    server = _serve(loop, FakeGateway())
    try:
        found = {path: status(server.server_port, path) for path in PATHS}
    finally:
        server.shutdown()
        server.server_close()
    assert found == {
        "/": page,
        "/api/overview": rows,
        "/livez": 200,
        "/readyz": 503,
        "/metrics": 200,
    }


PATHS = ("/", "/api/overview", "/livez", "/readyz", "/metrics")


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
