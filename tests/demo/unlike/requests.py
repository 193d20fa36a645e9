"""The same number of requests a second to each of several servers, answered or not.

Over connections that are kept, as proxies and browsers have them: to make one costs a small server
more than what it answers, and comes in one piece that is throttled by any small quota.
"""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import urllib3

from tests.load import paced

Address = tuple[str, int]
CONNECTIONS = 8
"""To each server. What is due while all wait is asked late, and counts from when it was due."""


@dataclass
class Requests:
    """To each server `rate` requests a second, in threads of its own until `stop()`."""

    servers: Mapping[str, Address]
    rate: float
    answered: dict[str, list[float]] = field(default_factory=dict)
    """Seconds that each answer took, by server; since `begin()`."""
    missed: dict[str, int] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Requests":
        """Begin asking."""
        self.begin()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()
        return self

    def begin(self) -> None:
        """Count from now on."""
        self.answered = {name: [] for name in self.servers}
        self.missed = dict.fromkeys(self.servers, 0)

    def stop(self) -> None:
        """Ask no more, and wait for what is under way."""
        self._over.set()
        self._thread.join(2 * paced.TIMEOUT)

    def _ask(self) -> None:
        with ExitStack() as stack:
            servers = [
                (
                    name,
                    stack.enter_context(_pool(address)),
                    stack.enter_context(ThreadPoolExecutor(CONNECTIONS)),
                )
                for name, address in self.servers.items()
            ]
            began, number = time.monotonic(), 0
            while not self._over.is_set():
                for at, (name, connections, threads) in enumerate(servers):
                    # Spread over the interval: pods of one node are never asked at once.
                    due = began + (number + at / len(servers)) / self.rate
                    time.sleep(max(0.0, due - time.monotonic()))
                    threads.submit(self._one, name, connections, due)
                number += 1

    def _one(self, name: str, connections: urllib3.HTTPConnectionPool, due: float) -> None:
        left = due + paced.TIMEOUT - time.monotonic()
        if left > 0 and _answers(connections, left):
            self.answered[name].append(time.monotonic() - due)
        else:
            self.missed[name] += 1


def _answers(connections: urllib3.HTTPConnectionPool, seconds: float) -> bool:
    try:
        return connections.request("GET", "/", timeout=seconds, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _pool(address: Address) -> urllib3.HTTPConnectionPool:
    return urllib3.HTTPConnectionPool(*address, maxsize=CONNECTIONS, block=False)
