"""The body of a request, with a bound on what all of them together may hold.

A review is some kilobytes, at most a few megabytes; but whoever reaches the port can post. Small
bodies are read as they come, large ones (and those that do not tell their length) one at a time.
What is too large is read as well, and dropped: a client that is still sending would not hear the
answer. Never waits for ever: `webhook.worker` ends a request that takes too long.

| length told by the client | read                                        |
| ------------------------- | ------------------------------------------- |
| at most SMALL             | whole                                       |
| at most LARGEST, or none  | whole, one such body at a time              |
| more, or turns out so     | the first bytes are kept, for the uid in it |
"""

import threading
from typing import IO

SMALL = 512 * 1024
LARGEST = 7 * 1024 * 1024
"""Bytes: twice the largest object that an API server takes, and some."""

_HEAD = 4096
_AT_ONCE = 64 * 1024
_one_at_a_time = threading.Lock()


def read_body(stream: IO[bytes], length: int | None) -> tuple[bytes, bool]:
    """The body and whether it is whole; else only its first bytes."""
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
