"""The file's past and, where that knows nothing, a server's.

| asked for                   | comes from                                                      |
| --------------------------- | --------------------------------------------------------------- |
| minutes                     | the file; before its first one, the server                      |
| minutes; the server fails   | the file alone; one line in the log until it answers again      |
| changes, names, all else    | the file: no scrape has them                                    |
"""

import logging
from collections.abc import Callable
from itertools import takewhile
from typing import TypeVar

from scaler.history.history import History, HistoryError
from scaler.history.row import Row
from scaler.history.server import Server
from store.model import Workload

logger = logging.getLogger(__name__)

T = TypeVar("T")


def _nobody(degraded: bool) -> None:
    """Nobody listens."""


class JoinedHistory(History):
    """`path`: of the file, empty: there is none. `degraded`: called after each question."""

    def __init__(
        self, path: str, server: Server, degraded: Callable[[bool], None] = _nobody
    ) -> None:
        super().__init__(path)
        self._server, self._degraded = server, degraded
        self._wrong = False

    @property
    def there(self) -> bool:
        """Always: whether the server answers shows when it is asked."""
        return True

    def named(self, workload: Workload, since: float, until: float) -> tuple[str, ...]:
        """The containers that the server knows of; none where it fails."""
        return self._asked(lambda: self._server.containers(workload, since, until))

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> tuple[Row, ...]:
        """By the table above. Raises HistoryError where the file cannot be read."""
        kept = super().minutes(workload, container, since, until)
        first = kept[0].at if kept else until
        earlier = self._asked(lambda: self._server.minutes(workload, container, since, first))
        return (*takewhile(lambda row: row.at + row.seconds <= first, earlier), *kept)

    def _asked(self, question: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
        try:
            found = question()
        except HistoryError as e:
            if not self._wrong:
                logger.warning("history not read from the server", extra={"error": str(e)})
            self._say(wrong=True)
            return ()
        if self._wrong:
            logger.info("history read from the server again", extra={"server": self._server.url})
        self._say(wrong=False)
        return found

    def _say(self, *, wrong: bool) -> None:
        self._wrong = wrong
        self._degraded(wrong)


def of(path: str, url: str | None, degraded: Callable[[bool], None] = _nobody) -> History:
    """By the settings."""
    return JoinedHistory(path, Server(url), degraded) if url else History(path)
