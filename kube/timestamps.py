"""Times as Kubernetes writes them (RFC 3339, UTC, whole seconds) and as we count them. Pure.

`now` always comes in as an argument, in seconds since the epoch; nothing here asks what time it is.
"""

from datetime import UTC, datetime
from functools import lru_cache


def text(now: float) -> str:
    """`2026-11-23T20:35:06Z`, the fraction cut off."""
    return datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hour(now: float) -> str:
    """The start of the clock hour, in the same form."""
    return text(now - now % 3600)


@lru_cache(maxsize=4096)  # the same few times are read each cycle
def seconds(when: str | None) -> float | None:
    """Seconds since the epoch; None for what is not such a time."""
    if not when:
        return None
    try:
        parsed = datetime.fromisoformat(when)
    except ValueError:
        return None
    return parsed.timestamp() if parsed.tzinfo else None
