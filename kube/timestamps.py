"""Between Kubernetes timestamps (RFC 3339, UTC, whole seconds) and seconds since the epoch. Pure.

`now` is always an argument, in seconds since the epoch; no clock is read here.
"""

from datetime import UTC, datetime
from functools import lru_cache


def text(now: float) -> str:
    """`2026-11-23T20:35:06Z`; fractions are truncated."""
    return _text(int(now))


@lru_cache(maxsize=256)  # one cycle writes the same moment many times
def _text(now: int) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hour(now: float) -> str:
    """The start of the clock hour, in the same format."""
    return text(now - now % 3600)


@lru_cache(maxsize=4096)  # the same few timestamps are parsed each cycle
def seconds(when: str | None) -> float | None:
    """Seconds since the epoch; None for text that is no such timestamp."""
    if not when:
        return None
    try:
        parsed = datetime.fromisoformat(when)
    except ValueError:
        return None
    return parsed.timestamp() if parsed.tzinfo else None
