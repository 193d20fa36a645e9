"""Which requests are answered in one step."""

import time

import pytest

from tests.unit.webhook import reviews
from webhook.fast_path import LARGEST, Quick, body_of, unfinished

REVIEW = reviews.review(reviews.pod())
GO = b"POST /mutate?timeout=5s HTTP/1.1\r\nHost: a.b.svc:443\r\nUser-Agent: kube-apiserver\r\n"
TYPE = b"Accept: application/json, */*\r\nContent-Type: application/json\r\n"


def request(head: bytes = GO + TYPE, body: bytes = REVIEW, length: int | None = None) -> bytes:
    declared = len(body) if length is None else length
    return head + b"Content-Length: %d\r\nAccept-Encoding: gzip\r\n\r\n" % declared + body


def test_a_request_of_an_api_server_is_answered_in_one_step() -> None:
    assert body_of(request()) == REVIEW


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /mut",
        request()[:-1],
        request() + b"P",
        request() + request(),
        request(length=len(REVIEW) + 1),
        request(length=len(REVIEW) - 1),
        request(GO.replace(b"/mutate", b"/mutated")),
        request(GO.replace(b"POST", b"GET")),
        request(GO.replace(b"HTTP/1.1", b"HTTP/1.0")),
        request(GO.replace(b"timeout=5s", b"timeout=5 s")),
        request(GO + b"Connection: close\r\n"),
        request(GO + b"connection : close\r\n"),
        request(GO + b"Expect: 100-continue\r\n"),
        request(GO + b"Transfer-Encoding: chunked\r\n"),
        request(GO + b"Upgrade: h2c\r\n"),
        request(GO + b"Content-Length: 5\r\n"),
        request(GO + b"content-length : 5\r\n"),
        request(GO + b"X-Folded: a\r\n b\r\n"),
        request(GO + b"X-Bare: a\nContent-Length: 3\r\n"),
        request(GO + b"X-Binary: \xff\r\n"),
        request(GO + b"no header\r\n"),
        request(GO + TYPE).replace(b"Content-Length: ", b"Content-Length: +"),
        request(GO + TYPE).replace(b"Content-Length", b"Content-Size"),
        b"\r\n" + request(),
    ],
)
def test_an_unusual_request_is_left_to_gunicorn(sent: bytes) -> None:
    assert body_of(sent) is None


def test_the_rest_of_a_request_is_awaited_where_it_can_still_be_usual() -> None:
    whole = request()
    head = whole.index(b"\r\n\r\n") + 4
    assert all(unfinished(whole[:n]) for n in range(head, len(whole)))
    assert not any(unfinished(whole[:n]) for n in range(head))
    assert not unfinished(whole)
    assert not unfinished(whole + b"P")
    assert not unfinished(request(GO + b"Expect: 100-continue\r\n")[:-1])
    assert not unfinished(request(length=LARGEST))


def test_many_headers_take_no_time() -> None:
    began = time.process_time()
    assert body_of(GO + b"A: b\r\n" * 5000 + b"broken\r\n\r\n") is None
    assert time.process_time() - began < 1


def test_a_large_request_is_worth_a_thread() -> None:
    quick = Quick(lambda body: (body, lambda: None))
    assert quick(request(body=b"x" * (LARGEST - 1000)))
    assert quick(request(body=b"x" * LARGEST)) is None
