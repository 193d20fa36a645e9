"""What time it is for the API server, whatever our own clock says.

All that is compared with `now` was stamped by the cluster: creations, conditions, our own changes.
A node's clock may step or be wrong for days, and then a pod of this second looks an hour late. So
the time is read off the answers themselves: each has a `Date`, in whole seconds. Between answers
only the time that passed counts, which no step of a clock changes.

| an answer                                         | then                                         |
| ------------------------------------------------- | -------------------------------------------- |
| its date agrees with what was known               | what is known gets more exact                |
| it does not: the server's own clock stepped, or   | its date alone counts from now on            |
| the machine was asleep                            |                                              |
| no date, or one that cannot be read               | as before                                    |
| none yet                                          | our own clock                                |
"""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

_WHOLE = 1.0  # seconds: a date has no fraction


class ServerTime:
    """Safe for use from several threads: what is known is replaced as a whole."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        own: Callable[[], float] = time.time,
    ) -> None:
        self.monotonic, self._own = monotonic, own
        self._ahead: tuple[float, float] | None = None
        """Between which bounds the server's time minus `monotonic` is."""

    def heard(self, date: str | None, asked: float) -> None:
        """Take in the date of an answer to what was asked at that monotonic time."""
        said = _seconds(date)
        if said is None:
            return
        low, high = said - self.monotonic(), said + _WHOLE - asked
        known = self._ahead or (low, high)
        both = max(low, known[0]), min(high, known[1])
        self._ahead = both if both[0] <= both[1] else (low, high)

    def now(self) -> float:
        """Seconds since the epoch."""
        known = self._ahead
        return self._own() if known is None else self.monotonic() + sum(known) / 2


def _seconds(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None
