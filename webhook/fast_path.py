"""The fast path: answers a review that has fully arrived, without a thread and without WSGI.

Passing a request to a thread and back, gunicorn's parser in Python and two writes for one answer
took two thirds of a review's time. Here the API server's usual request is answered in one step;
anything unusual is left to gunicorn, which implements all of HTTP.

| bytes received on a kept-alive connection               | result       |
| ------------------------------------------------------- | ------------ |
| POST /mutate, HTTP/1.1, one Content-Length, its         | answered     |
| complete body, and nothing after it                     |              |
| the beginning of that                                   | wait for the |
|                                                         | rest         |
| more than that, or more than `LARGEST`                  | None         |
| another path, method or version; a head that is not     | None         |
| plain ASCII lines                                       |              |
| Connection, Expect, Transfer-Encoding, Upgrade, Trailer | None         |
"""

import re
import time
from collections.abc import Callable
from email.utils import formatdate

LARGEST = 32 * 1024
"""Bytes of a request; a larger one takes long enough to justify a thread."""

_HEAD = re.compile(rb"POST /mutate(?:\?[!-~]*)? HTTP/1\.1\r\n(?:[A-Za-z0-9-]+:[ -~\t]*\r\n)+")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,6})[ \t]*\r\n")
_UNUSUAL = re.compile(rb"\r\n(?:connection|expect|transfer-encoding|upgrade|trailer)[ \t]*:")

After = Callable[[], None]
Reviewer = Callable[[bytes], tuple[bytes, After]]
"""From a request's body to the answer's, and a function to call once that is sent."""


def body_of(request: bytes) -> bytes | None:
    """The body of a request that matches the table's first row, otherwise None."""
    bounds = _body(request)
    return request[bounds[0] :] if bounds and bounds[1] == len(request) <= LARGEST else None


def unfinished(request: bytes) -> bool:
    """Whether this is the beginning of such a request; its head must be complete."""
    bounds = _body(request)
    return bounds is not None and len(request) < bounds[1] <= LARGEST


def _body(request: bytes) -> tuple[int, int] | None:
    """The offsets at which the body of a usual request begins and ends."""
    end = request.find(b"\r\n\r\n") + 2
    if end < 2 or not _HEAD.fullmatch(request, 0, end):
        return None
    head = request[:end].lower()
    lengths = _LENGTH.findall(head)
    if len(lengths) != 1 or head.count(b"\r\ncontent-length") != 1 or _UNUSUAL.search(head):
        return None
    return end + 2, end + 2 + int(lengths[0])


class Quick:
    """Answers complete requests; not for use from several threads."""

    def __init__(self, review: Reviewer) -> None:
        self._review = review
        self._date = (0, b"")

    def __call__(self, request: bytes) -> tuple[bytes, After] | None:
        """The answer, and a function to call once it is sent; None: gunicorn must handle this."""
        body = body_of(request)
        if body is None:
            return None
        answer, after = self._review(body)
        head = b"HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\n" % self._now()
        return head + b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer), after

    def _now(self) -> bytes:
        now = int(time.time())
        if self._date[0] != now:
            self._date = now, formatdate(now, usegmt=True).encode()
        return self._date[1]
