"""The restarts of a workload in this clock hour. Pure."""

from kube import timestamps
from store.records import Restarts

_HOUR = 3600.0


def one_more(restarts: Restarts, now: float) -> Restarts:
    """The record with one more pod taken in this clock hour."""
    count = counting(restarts, now)
    return Restarts(restarts.hour if count else timestamps.hour(now), count + 1)


def counting(restarts: Restarts, now: float) -> int:
    """The pods on record that count for now.

    An hour that is yet to begin was written by a clock that has stepped back since: it goes on, or
    a clock that steps to and fro would forget all restarts. More than an hour ahead it was wrong.
    """
    began = timestamps.seconds(restarts.hour)
    if began is None:
        return 0
    return restarts.count if 0 <= began - int(now - now % _HOUR) <= _HOUR else 0
