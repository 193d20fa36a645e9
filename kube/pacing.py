"""How long a watch lasts, and the wait before the next."""

import random

from kube.errors import Gone, TooMany

_BACK_OFF = (0.2, 5.0)  # seconds: first and longest wait between attempts
_LONGEST_ASKED = 30.0  # seconds: the most that a Retry-After is obeyed
_SERVER_TIMEOUT = (50, 70)
"""Seconds after which the server ends a watch, drawn at random each time. Shorter than the silence:
a server whose etcd reports no progress sends no bookmarks for a kind that never changes, and then
the end of the watch is the only sign of life (seen with etcd 3.4)."""


def lifetime() -> int:
    """Seconds after which the server is to end the watch that is begun now."""
    return random.randint(*_SERVER_TIMEOUT)


def pause(failures: int, error: Exception | None) -> float:
    """Seconds, with jitter. `failures`: attempts in a row that did not last; `error`: the last's.

    The first new attempt after a quiet end (None: the server closed the stream; 410) comes at once,
    any other after 0.2 s doubling to 5 s, or after what the server asks for.
    """
    quiet = error is None or isinstance(error, Gone)
    steps = failures - 1 if quiet else max(failures, 1)
    if steps <= 0:
        return 0.0
    first, longest = _BACK_OFF
    wait = min(first * 2.0 ** min(steps - 1, 10), longest) * random.uniform(0.5, 1.0)
    asked = error.retry_after if isinstance(error, TooMany) else 0.0
    return max(wait, min(asked, _LONGEST_ASKED))
