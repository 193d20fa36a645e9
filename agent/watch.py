"""The agent's one loop: each 100 ms a sample, and what is to be reported."""

import logging
import random
import threading
import time
from dataclasses import dataclass

from msgspec.structs import replace

from agent import pinned
from agent.connection import Connection, Peer, connect
from agent.sampler import Sampler
from link.lines import Malformed, from_scaler
from link.messages import VERSION, Alive, Count, Dated, FromAgent, Hello, Refused

logger = logging.getLogger(__name__)

PACE = pinned.SECONDS
"""Seconds between two samples."""
QUICK = 0.005
"""Seconds between two looks at a container that is one sample away from being reported."""
ALIVE = 10.0
LOOK = 0.5
"""Seconds between two looks at what the scaler says: most are in vain, and each costs."""
LASTS = 3600.0
"""Seconds that a connection lasts at most."""
SILENT = 120.0
"""Seconds without a word of the scaler, which repeats what counts each minute."""
_AGAIN, _LONG = 1.0, 60.0
"""Seconds until the next try to connect, at first and at most."""


class Over(Exception):
    """Why a connection ends. `pause`: seconds until the next one; None: as usual."""

    def __init__(self, why: str, pause: float | None = None) -> None:
        super().__init__(why)
        self.pause = pause


@dataclass
class Agent:
    """Samples while it is connected: without a scaler there is nobody to tell."""

    node: str
    peer: Peer
    sampler: Sampler
    _failures: int = 0
    _attempts: int = -1
    _said: str = ""
    _greeted: bool = False

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        while not stop.is_set():
            pause: float | None = None
            self._attempts, self._greeted = self._attempts + 1, False
            try:
                self._connected(connect(self.peer, self._attempts), stop)
            except Over as e:
                pause = e.pause
                self._log(str(e))
            except (OSError, Malformed) as e:
                self._log(str(e))
            self.sampler.count(Count([]))
            self._failures += 1
            stop.wait(pause or min(_LONG, _AGAIN * 2 ** min(self._failures - 1, 6)) * _jitter())

    def _log(self, why: str) -> None:
        """The same again is not logged again."""
        if why != self._said:
            logger.warning("not connected", extra={"scaler": self.peer.name, "error": why})
        self._said = why

    def _connected(self, connection: Connection, stop: threading.Event) -> None:
        try:
            connection.say(Hello(VERSION, self.node, 2 if self.sampler.mount.v2 else 1))
            began = latest = next_at = time.monotonic()
            alive, look = began + ALIVE, began
            while not stop.is_set():
                now = time.monotonic()
                if now >= look:
                    look = now + LOOK
                    latest = now if self._received(connection) else latest
                if now - latest > SILENT:
                    raise Over(f"no word for {SILENT:.0f} s")
                if now - began > LASTS:
                    raise Over("a new connection each hour", _AGAIN * _jitter())
                for message in self.sampler.sample():
                    connection.say(dated(message, now - began))
                if now >= alive:
                    connection.say(Alive(connection.dropped, self.sampler.sampled, now - began))
                    alive = now + ALIVE
                connection.flush()
                now = time.monotonic()
                next_at = next_at + PACE if next_at + PACE > now else now + PACE
                self._until(next_at, connection, began)
        finally:
            connection.close()

    def _until(self, at: float, connection: Connection, began: float) -> None:
        """The pause between two samples, in which only what is urgent is looked at."""
        while self.sampler.near and at - time.monotonic() > QUICK:
            time.sleep(QUICK)
            for message in self.sampler.look():
                connection.say(dated(message, time.monotonic() - began))
                connection.flush()
        time.sleep(max(0.0, at - time.monotonic()))

    def _received(self, connection: Connection) -> bool:
        lines = connection.received()
        for text in lines:
            message = from_scaler(text)
            if isinstance(message, Refused):
                raise Over(f"the scaler refuses: {message.why}", _AGAIN * 5 * _jitter())
            if not self._greeted:
                logger.info("connected", extra={"containers": len(message.containers)})
            self._failures, self._said, self._greeted = 0, "", True
            self.sampler.count(message)
        return bool(lines)


def dated(message: FromAgent, at: float) -> FromAgent:
    """The message, with the seconds since the connection began."""
    return replace(message, at=at) if isinstance(message, Dated) else message


def _jitter() -> float:
    """So that the agents of all nodes do not come back at the same instant."""
    return random.uniform(0.5, 1.0)
