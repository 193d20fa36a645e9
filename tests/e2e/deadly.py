"""A proxy in front of the API server that kills its client at a chosen call.

Reads pass through. Changes are counted, and after the chosen one has reached the server the client
is killed before it gets the answer: exactly what a crash at that point would leave behind. The
Lease is no change: it is renewed at any time, and would shift the numbers of all others.
"""

import re
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from kube.gateway import Gateway
from tests.e2e.passing import Proxy, returned


class Deadly(Proxy):
    """Kills its client."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self.calls: list[str] = []
        """Changes since it was armed, each with how many there were like it: `… 2`."""
        self._fatal: int | None = None
        self._passed: Collection[str] | None = None
        self._kill: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self.dead = threading.Event()
        super().__init__(gateway, folder / "deadly.kubeconfig")

    def arm(self, call: int, kill: Callable[[], None]) -> None:
        """Kill the client at the `call`-th change from now (0: before the first is passed on)."""
        self._arm(call, None, kill)

    def arm_at_new(self, passed: Collection[str], kill: Callable[[], None]) -> None:
        """Kill the client at the first change that is not among these of earlier `calls`."""
        self._arm(None, passed, kill)

    def _arm(
        self, call: int | None, passed: Collection[str] | None, kill: Callable[[], None]
    ) -> None:
        with self._lock:
            self.calls, self._fatal, self._passed, self._kill = [], call, passed, kill
            self.dead.clear()

    def disarm(self) -> None:
        """Pass everything on."""
        with self._lock:
            self._fatal = self._passed = None

    def _fatal_now(self, what: str) -> int | None:
        """Count a change; how many may be passed on if this is the last one, otherwise None."""
        with self._lock:
            alike = re.sub(r"(?<=/pods/)[^/]+", "*", what)
            self.calls.append(f"{alike} {1 + sum(c.startswith(f'{alike} ') for c in self.calls)}")
            if self._passed is not None:
                return None if self.calls[-1] in self._passed else len(self.calls)
            if self._fatal is None or len(self.calls) < self._fatal:
                return None
            return self._fatal

    def _strike(self) -> None:
        if not self.dead.is_set():
            self._kill()
            self.dead.set()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Pass it on, unless it is the one, or one after that."""
        fatal = None
        if request.command != "GET" and "/leases" not in request.path:
            fatal = self._fatal_now(f"{request.command} {request.path}")
        if fatal == 0:
            self._strike()
            return
        with self.upstream.asked(request) as answer:
            if fatal is not None:
                answer.read()
                self._strike()
                return
            with suppress(OSError):  # the client was killed, or has closed the connection
                returned(request, answer)
