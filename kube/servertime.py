"""The API server's current time, whatever our own clock says.

Every timestamp that is compared with `now` was set by the cluster: creation times, conditions, our
own changes. A node's clock may jump or be wrong for days, and then a pod created this second looks
an hour late. So the time is taken from the server's answers: each carries a `Date` header, in whole
seconds. Between answers we add elapsed monotonic time, which no clock adjustment affects.

| an answer                                         | then                                         |
| ------------------------------------------------- | -------------------------------------------- |
| its date agrees with the current bounds           | the bounds get narrower                      |
| it does not: the server's own clock jumped, or    | only its date counts from now on             |
| the machine was suspended                         |                                              |
| no date, or an unreadable one                     | the bounds stay as they are                  |
| no answer yet                                     | our own clock                                |
"""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

_WHOLE = 1.0  # second: the resolution of a Date header


class ServerTime:
    """Safe for use from several threads: the bounds are replaced in one assignment."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        own: Callable[[], float] = time.time,
    ) -> None:
        self.monotonic, self._own = monotonic, own
        self._ahead: tuple[float, float] | None = None
        """Lower and upper bound of the server's time minus `monotonic`."""

    def observe(self, date: str | None, asked: float) -> None:
        """Learn from the `Date` of an answer to a request sent at `asked` (monotonic seconds)."""
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
