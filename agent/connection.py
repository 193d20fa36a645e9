"""The agent's connection to the scaler: TLS, both sides known to each other, and never waited for.

The certificates are read again for each connection, and a connection lasts an hour at most: so a
renewed one is in use an hour later, without a restart.
"""

import contextlib
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from link.lines import LONGEST_FROM_SCALER, Lines, line
from link.messages import FromAgent

_TIMEOUT = 3.0  # seconds for connecting and the handshake
_MOST = 65_536  # bytes that wait to be sent


@dataclass(frozen=True)
class Peer:
    """Where the scaler is; `name`: what its certificate must be for. `hosts`: tried in turn."""

    name: str
    hosts: tuple[str, ...]
    port: int
    certificates: Path


def context(folder: Path) -> ssl.SSLContext:
    """Trusts one authority, and has the agents' certificate. Raises OSError, ssl.SSLError."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_verify_locations(folder / "ca.crt")
    made.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return made


def connect(peer: Peer, attempt: int = 0) -> "Connection":
    """Raises OSError (ssl.SSLError is one)."""
    host = peer.hosts[attempt % len(peer.hosts)]
    with contextlib.ExitStack() as undo:
        plain = socket.create_connection((host, peer.port), _TIMEOUT)
        undo.callback(plain.close)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        secured = context(peer.certificates).wrap_socket(plain, server_hostname=peer.name)
        undo.pop_all()
    secured.setblocking(False)
    return Connection(secured)


@dataclass
class Connection:
    """Sends and receives what can be without waiting. `dropped`: messages that found no room."""

    secured: ssl.SSLSocket
    dropped: int = 0
    _out: bytearray = field(default_factory=bytearray)
    _lines: Lines = field(default_factory=lambda: Lines(LONGEST_FROM_SCALER))

    def say(self, message: FromAgent) -> None:
        """Have it sent, unless too much waits already: then it is lost, and counted."""
        text = line(message)
        if len(self._out) + len(text) > _MOST:
            self.dropped += 1
        else:
            self._out += text

    def flush(self) -> None:
        """Raises OSError where the connection is broken."""
        while self._out:
            try:
                del self._out[: self.secured.send(self._out)]
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return

    def received(self) -> list[bytes]:
        """The lines that came. Raises OSError where it is broken or ended, or Malformed."""
        out: list[bytes] = []
        while True:
            try:
                data = self.secured.recv(16_384)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return out
            if not data and out:
                return out  # what came before the end counts; the next call says that it ended
            if not data:
                raise ConnectionResetError("the scaler has closed it")
            out += self._lines.fed(data)

    def close(self) -> None:
        """At once."""
        with contextlib.suppress(OSError):
            self.secured.close()
