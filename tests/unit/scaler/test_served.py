"""What the scaler serves, with the page and without."""

import dataclasses
import http.client

import pytest

from scaler.served import serve
from scaler.settings import Settings
from tests.fakes import FakeGateway
from tests.unit.scaler.world import unread_loop


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
    loop = dataclasses.replace(unread_loop(), settings=settings)
    server = serve(loop, FakeGateway())
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
