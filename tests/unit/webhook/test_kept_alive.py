"""Requests on a connection that was used before, by the real program: whichever way, one answer."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.webhook import apiserver, reviews, serving
from tests.unit.webhook.test_fast_path import REVIEW, request
from webhook.fast_path import LARGEST


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Served]:
    with apiserver.running() as api:
        api.put(reviews.podsize(reviews.DOUBLED))
        folder: Path = tmp_path_factory.mktemp("webhook")
        with serving.ready(folder, api, PODTAILOR_LOG_FORMAT="json") as running:
            yield running


@pytest.fixture
def kept(served: serving.Served) -> Iterator[http.client.HTTPSConnection]:
    """A connection that was used before: its first request always takes a thread."""
    connection = served.connect()
    assert patched(serving.send(connection, REVIEW))
    yield connection
    connection.close()


def patched(answer: bytes) -> bool:
    return len(reviews.operations(answer)) == 3


def test_the_usual_request_is_answered_in_one_step(kept: http.client.HTTPSConnection) -> None:
    kept.sock.sendall(request())  # Go sends head and body together, http.client does not
    answer = http.client.HTTPResponse(kept.sock)
    answer.begin()
    assert patched(answer.read())
    assert answer.getheader("Server") is None  # gunicorn's own answers have it
    assert answer.getheader("Date", "").endswith("GMT")


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_a_request_in_pieces_is_answered(kept: http.client.HTTPSConnection, pieces: int) -> None:
    sent = request()
    step = len(sent) // pieces + 1
    for begin in range(0, len(sent), step):
        kept.sock.sendall(sent[begin : begin + step])
        time.sleep(0.02)
    answer = http.client.HTTPResponse(kept.sock)
    answer.begin()
    assert patched(answer.read())
    assert patched(serving.send(kept, REVIEW))


def test_two_requests_at_once_get_two_answers(kept: http.client.HTTPSConnection) -> None:
    kept.sock.sendall(request() + request())
    stream = kept.sock.makefile("rb")
    for _ in range(2):
        length = 0
        while (line := stream.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert patched(stream.read(length))


def test_quick_and_ordinary_requests_mix_on_one_connection(
    kept: http.client.HTTPSConnection,
) -> None:
    for _ in range(3):
        kept.request("GET", "/livez")
        assert kept.getresponse().read() == b"ok\n"
        assert patched(serving.send(kept, REVIEW))
        large = reviews.review(reviews.pod(annotations={"x": "y" * LARGEST}))
        assert reviews.operations(serving.send(kept, large))
        assert reviews.operations(serving.send(kept, b"nonsense")) == []


def test_half_a_request_is_not_waited_for_indefinitely(kept: http.client.HTTPSConnection) -> None:
    began = time.monotonic()
    kept.sock.sendall(request()[:-1])
    assert kept.sock.recv(1) == b""
    assert 2 < time.monotonic() - began < 15


def test_half_a_request_whose_client_leaves_costs_nothing(
    served: serving.Served, kept: http.client.HTTPSConnection
) -> None:
    kept.sock.sendall(request()[:-1])
    kept.close()
    assert patched(served.post(REVIEW))


def test_a_connection_is_closed_when_the_client_asks_for_it(
    kept: http.client.HTTPSConnection,
) -> None:
    kept.request("POST", "/mutate", REVIEW, {"Connection": "close"})
    answer = kept.getresponse()
    assert patched(answer.read())
    assert answer.getheader("Connection") == "close"


def test_a_client_that_reads_no_answer_loses_its_connection_and_nobody_else_waits(
    served: serving.Served, kept: http.client.HTTPSConnection
) -> None:
    kept.sock.settimeout(5)
    with pytest.raises(OSError):
        for _ in range(100_000):
            kept.sock.sendall(request())
    assert patched(served.post(REVIEW))


def test_a_client_that_goes_away_costs_nothing(served: serving.Served) -> None:
    connection = served.connect()
    serving.send(connection, REVIEW)
    connection.sock.sendall(request())
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    assert patched(served.post(REVIEW))


def test_each_review_is_counted_and_logged(served: serving.Served) -> None:
    def logged() -> list[dict[str, object]]:
        return [json.loads(line) for line in served.log.read_text().splitlines()]

    def counted() -> bool:
        lines = sum(line["message"] == "review answered" for line in logged())
        return f'reviews_total{{reason="Sized"}} {float(lines)}' in served.get("/metrics")[1]

    # What a client that is gone had sent may still be on its way through.
    deadline = time.monotonic() + 20
    while not counted():
        assert time.monotonic() < deadline, served.get("/metrics")[1]
        time.sleep(0.1)
    assert not [line for line in logged() if "exception" in line]
