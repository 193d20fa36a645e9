"""Asks a Prometheus-compatible server (Prometheus, VictoriaMetrics, Thanos) by its HTTP API.

| the server                                      | the answer                                     |
| ----------------------------------------------- | ---------------------------------------------- |
| does not answer within the time-out             | HistoryError, in one line; for the next half   |
|                                                 | minute nobody waits for it again               |
| has not answered in full within the time-out    | the same                                       |
| answers with an error, or with something else   | HistoryError, with what it said                |
| answers with more than is bounded               | HistoryError                                   |
| answers of other times than it was asked for    | what is of these times is left out             |

Nothing is written to it, and it gets nothing but the names of namespaces, workloads and containers.
"""

import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

from scaler.history import raw, served
from scaler.history.history import HistoryError
from scaler.history.raw import Container
from scaler.history.row import Row
from scaler.history.served import MINUTE, QUARTER, Series
from scaler.usage.window import Reading
from store.model import Workload

TIMEOUT = 5.0
"""Seconds that an answer may take: somebody waits for a page, or the first cycle."""
LARGEST = 16 * 1024**2
"""Bytes of an answer; a day of one container's minutes has 300 kB."""
PAUSE = 30.0
"""Seconds for which a server that did not answer is not asked again."""
_DAY, _HOUR = 86400, 3600
_POINTS = _DAY // MINUTE
_SAID = 200  # characters of what an error says
_AT_ONCE = 2**16  # bytes


@dataclass
class Server:
    """At `url`, the address before `/api/v1`. Any thread may ask."""

    url: str
    monotonic: Callable[[], float] = time.monotonic
    _silent: tuple[float, str] | None = None
    """Since when it has not answered, and what went wrong."""

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> tuple[Row, ...]:
        """Rows that end from `since` on and before `until` (seconds since the epoch).

        Minutes; of more than a day, quarters of an hour. Raises HistoryError.
        """
        step = MINUTE if until - since <= _DAY else QUARTER
        end = int(until) // step * step
        begin = max(-(-int(since) // step) * step + step, end - _POINTS * step)
        if begin > end:
            return ()
        query = served.question(workload, container, step)
        found = self._range(query, begin, end, step)
        try:
            made = served.rows(found, step)
        except ValueError as e:
            raise self._failed(f"odd values: {e}") from e
        return tuple(row for row in made if begin <= row.at + step <= end)

    def containers(self, workload: Workload, since: float, until: float) -> tuple[str, ...]:
        """The containers that its pods have at the end and had by the hour. Raises HistoryError."""
        hours = min(_POINTS, max(0, int((until - since) // _HOUR)))
        found = self._range(served.names(workload), int(until) - hours * _HOUR, int(until), _HOUR)
        return tuple(sorted({one.metric.get("container", "") for one in found} - {""}))

    def readings(self, namespaces: Collection[str]) -> dict[Container, tuple[Reading, ...]]:
        """The readings of the last two minutes in these namespaces. Raises HistoryError."""
        names = "|".join(sorted(namespaces))
        of = f'{{namespace=~"{names}",container!="",container!="POD"}}{raw.SPAN}'
        answers = {name: self._raw(f"{name}{of}") for name in raw.METRICS}
        jobs = {one.metric.get("job", "") for one in answers[raw.CPU]}
        if jobs:
            either = "|".join(sorted(re.escape(job).replace("\\", "\\\\") for job in jobs))
            answers[raw.SCRAPED] = self._raw(f'{raw.SCRAPED}{{job=~"{either}"}}{raw.SPAN}')
        try:
            return raw.readings(answers)
        except ValueError as e:
            raise self._failed(f"odd values: {e}") from e

    def _raw(self, query: str) -> list[Series]:
        try:
            return served.series(self._post("query", {"query": query}))
        except ValueError as e:
            raise self._failed(str(e)) from e

    def _range(self, query: str, begin: int, end: int, step: int) -> list[Series]:
        asked = {"query": query, "start": str(begin), "end": str(end), "step": str(step)}
        try:
            return served.series(self._post("query_range", asked))
        except ValueError as e:
            raise self._failed(str(e)) from e

    def _post(self, what: str, asked: dict[str, str]) -> bytes:
        if self._silent and self.monotonic() - self._silent[0] < PAUSE:
            raise HistoryError(self._silent[1])
        try:
            body = self.fetched(what, asked)
        except urllib.error.HTTPError as e:
            raise self._failed(f"{e.code} {_said(e)}") from e
        except (OSError, HTTPException) as e:
            error = self._failed(str(getattr(e, "reason", "") or e or type(e).__name__))
            self._silent = self.monotonic(), str(error)
            raise error from e
        if len(body) > LARGEST:
            raise self._failed(f"its answer has more than {LARGEST} bytes")
        self._silent = None
        return body

    def fetched(self, what: str, asked: dict[str, str]) -> bytes:
        """One answer, or a little more than is bounded of it. Raises OSError, HTTPException."""
        data = urllib.parse.urlencode({**asked, "timeout": f"{TIMEOUT:.0f}s"}).encode()
        request = urllib.request.Request(f"{self.url.rstrip('/')}/api/v1/{what}", data)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return self._whole(answer)

    def _whole(self, answer: HTTPResponse) -> bytes:
        """An answer that comes byte by byte has no more time than any other. Raises OSError."""
        over, body = self.monotonic() + TIMEOUT, bytearray()
        while len(body) <= LARGEST and (some := answer.read1(_AT_ONCE)):
            body += some
            if self.monotonic() > over:
                raise TimeoutError("timed out")
        return bytes(body)

    def _failed(self, why: str) -> HistoryError:
        return HistoryError(f"the server {self.url} cannot be read: {why}")


def _said(error: urllib.error.HTTPError) -> str:
    """What an error says, in one line."""
    try:
        with error:
            return " ".join(error.read1(_SAID).decode(errors="replace").split())
    except (OSError, HTTPException):
        return "and nothing more"
