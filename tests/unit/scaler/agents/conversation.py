"""A listener on this machine, and agents that connect to it."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.connection import Connection, Peer, connect
from link.lines import from_scaler
from link.messages import Count, Counted, FromScaler
from scaler.agent_port import context
from scaler.agents.counting import Counting
from scaler.agents.listener import Listener
from scaler.agents.reports import Reports
from scaler.certificates.agents import Material
from scaler.certificates.issuing import Pair, issue_ca, issue_leaf

NAME = "podtailor-scaler.podtailor-system.svc"
A = "a" * 64
COUNTED = Counting({"one": [Counted(A, "uid-web-1")]}, frozenset({A}))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(holds: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for it, and fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


@dataclass
class Conversation:
    """The scaler's side; `pressed`: how often it was to look at once."""

    folder: Path
    ca: Pair = field(default_factory=lambda: issue_ca(time.time(), 3600.0))
    port: int = field(default_factory=free_port)
    pressed: int = 0

    def __post_init__(self) -> None:
        self.reports = Reports()
        self.reports.count(COUNTED)
        self.listener = Listener(self.reports, time.time, self._press)
        server = issue_leaf(self.ca, (NAME,), time.time(), 3600.0)
        secured = context(Material(server, self.ca.certificate))
        arguments = (secured, "127.0.0.1", self.port)
        self._thread = threading.Thread(target=self.listener.serve, args=arguments)
        self._thread.start()
        until(self._reachable)

    def _press(self) -> None:
        self.pressed += 1

    def _reachable(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self) -> None:
        """Close the port."""
        self.listener.close()
        self._thread.join(5.0)

    def certificates(self, leaf: Pair | None = None, trusted: bytes | None = None) -> Path:
        """A folder as the agents have it mounted."""
        made = leaf or issue_leaf(self.ca, ("agent",), time.time(), 3600.0, client=True)
        for name, text in (
            ("tls.crt", made.certificate),
            ("tls.key", made.key),
            ("ca.crt", trusted or self.ca.certificate),
        ):
            (self.folder / name).write_bytes(text)
        return self.folder

    def peer(self, name: str = NAME, leaf: Pair | None = None) -> Peer:
        """Where an agent connects to."""
        return Peer(name, ("127.0.0.1",), self.port, self.certificates(leaf))

    def agent(self) -> Connection:
        """An agent that is connected, and has said nothing."""
        return connect(self.peer())


def answers(connection: Connection, number: int = 1) -> list[FromScaler]:
    """The next messages of the scaler."""
    found: list[FromScaler] = []

    def come() -> bool:
        found.extend(map(from_scaler, connection.received()))
        return len(found) >= number

    until(come)
    return found


def ended(connection: Connection) -> bool:
    """Whether the scaler closes it within a few seconds."""
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        try:
            connection.flush()
            connection.received()
        except (OSError, ssl.SSLError):
            connection.close()
            return True
        time.sleep(0.005)
    return False


def listed(found: FromScaler) -> list[str]:
    """The containers of a message."""
    assert isinstance(found, Count)
    return [c.id for c in found.containers]
