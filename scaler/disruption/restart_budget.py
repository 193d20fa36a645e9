"""How many pods of a workload were replaced in this clock hour. Pure."""

from kube import timestamps
from store.records import Restarts

_HOUR = 3600.0


def one_more(restarts: Restarts, now: float) -> Restarts:
    """The record with one more replacement in this clock hour."""
    count = counting(restarts, now)
    return Restarts(restarts.hour if count else timestamps.hour(now), count + 1)


def counting(restarts: Restarts, now: float) -> int:
    """The recorded replacements that count for the clock hour of `now`.

    An hour that has not begun was recorded before the clock stepped back. It still counts, or a
    clock that jumps back and forth would reset the budget. More than one hour ahead it does not
    count: that clock was wrong.
    """
    began = timestamps.seconds(restarts.hour)
    if began is None:
        return 0
    return restarts.count if 0 <= began - int(now - now % _HOUR) <= _HOUR else 0
