"""Clients that call one URL as fast as it answers, or slower, with a new connection per request.

Standard library only, so that the file can also run alone inside a pod. A request that is not
answered with 200 within its time-out is a failure; nothing is retried.
"""

import http.client
import json
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

TIMEOUT = 2.0  # seconds for one request


@dataclass
class Tally:
    """What the clients saw. Times are seconds since the epoch."""

    answered: Counter[int] = field(default_factory=Counter)  # by full second
    failed: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    longest_gap: float = 0.0  # seconds between two answers to any of the clients
    gap_ended: float = 0.0
    last_answer: float = 0.0
    started: float = 0.0
    """When the clients began."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Reset the counters; a gap that is open now counts from its own start."""
        with self.lock:
            for counter in (self.answered, self.failed, self.errors):
                counter.clear()
            self.longest_gap = 0.0

    def answer(self, now: float) -> None:
        """Record an answer."""
        with self.lock:
            self.answered[int(now)] += 1
            if self.last_answer and now - self.last_answer > self.longest_gap:
                self.longest_gap, self.gap_ended = now - self.last_answer, now
            self.last_answer = now

    def failure(self, now: float, why: str) -> None:
        """Record a failed request."""
        with self.lock:
            self.failed[int(now)] += 1
            self.errors[why] += 1

    def between(self, begin: float, end: float) -> tuple[int, int]:
        """Requests answered and failed in the seconds that the span overlaps."""
        seconds = range(int(begin), int(end) + 1)
        with self.lock:
            return sum(self.answered[s] for s in seconds), sum(self.failed[s] for s in seconds)


class Load:
    """`clients` threads against http://HOST:PORT/PATH until `stop()`."""

    def __init__(
        self, host: str, port: int, path: str = "/", *, clients: int = 8, pause: float = 0.0
    ) -> None:
        """`pause`: seconds that each client waits after an answer."""
        self.tally = Tally()
        self._target = (host, port, path)
        self._pause = pause
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(clients)]

    def start(self) -> "Load":
        """Start the clients."""
        self.tally.started = time.time()
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> Tally:
        """Stop all clients; the tally."""
        self._over.set()
        for thread in self._threads:
            thread.join(2 * TIMEOUT)
        return self.tally

    def _ask(self) -> None:
        host, port, path = self._target
        while not self._over.is_set():
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            try:
                connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.tally.answer(time.time())
                else:
                    self.tally.failure(time.time(), f"HTTP {answer.status}")
            except (OSError, http.client.HTTPException) as e:
                self.tally.failure(time.time(), type(e).__name__)
                self._over.wait(0.02)  # connections are refused at once: do not spin
            finally:
                connection.close()
            self._over.wait(self._pause)


def main() -> None:
    """HOST PORT PATH CLIENTS SECONDS: print the tally as JSON, at SIGTERM or after that time."""
    host, port, path, clients, seconds = sys.argv[1:6]
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    load = Load(host, int(port), path, clients=int(clients)).start()
    over.wait(float(seconds))
    tally = load.stop()
    seen = ("answered", "failed", "errors", "longest_gap", "started")
    print(json.dumps({name: getattr(tally, name) for name in seen}))


if __name__ == "__main__":
    main()
