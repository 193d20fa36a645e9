"""Reads request bodies, with a bound on the memory that all of them together may use.

A review has some kilobytes, at most a few megabytes, but anybody who reaches the port can post.
Small bodies are read at once, large ones (and those without a Content-Length) one at a time. A body
that is too large is read as well and discarded: a client that is still sending would not read the
answer. There is always an end: `webhook.worker` closes requests that take too long.

| Content-Length            | read                                         |
| ------------------------- | -------------------------------------------- |
| at most SMALL             | completely                                   |
| at most LARGEST, or none  | completely, one such body at a time          |
| more, or more arrives     | only the first bytes are kept, for their uid |
"""

import threading
from typing import IO

SMALL = 512 * 1024
LARGEST = 7 * 1024 * 1024
"""Bytes: a little more than twice the largest object that an API server accepts."""

_HEAD = 4096
_AT_ONCE = 64 * 1024
_one_at_a_time = threading.Lock()


def read_body(stream: IO[bytes], length: int | None) -> tuple[bytes, bool]:
    """The body and True; only its first bytes and False where it is too large."""
    if length is not None and length <= SMALL:
        return stream.read(), True
    with _one_at_a_time:
        body = stream.read(_HEAD if length is not None and length > LARGEST else LARGEST + 1)
        if len(body) <= LARGEST and (length is None or length <= LARGEST):
            return body, True
        head = body[:_HEAD]
        del body
        while stream.read(_AT_ONCE):
            pass
        return head, False
