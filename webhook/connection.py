"""A connection of gunicorn's that never waits: not for a handshake, not for data, not to close.

Uses names that gunicorn does not promise to keep: it is pinned, and the burst test fails without
this.
"""

import contextlib
import math
import socket
import ssl
from typing import Any

from gunicorn import http, sock, util
from gunicorn.workers.gthread import TConn


class Connection(TConn):  # type: ignore[misc]
    """A TLS connection whose handshake never blocks."""

    sock: Any
    initialized: bool
    began = math.inf
    """When work on what is there now began (monotonic)."""
    request = b""
    """What has been read of a request that no thread has seen yet."""

    def request_waiting(self) -> bool:
        """Go on with the handshake as far as it goes; True when a request has begun to arrive."""
        if not isinstance(self.sock, ssl.SSLSocket):
            self.sock = sock.ssl_wrap_socket(self.sock, self.cfg)
        if not self.initialized:
            try:
                self.sock.do_handshake()
            except ssl.SSLWantReadError:
                return False
            self.parser = http.get_parser(self.cfg, self.sock, self.client)
            self.initialized = True
        self.data_ready = False  # what made the socket readable was the handshake
        return self.sock.pending() > 0 or bool(self.wait_for_data(0))

    def hand_over(self) -> None:
        """Let the parser have what was read; a thread goes on from there."""
        self.parser.unreader.unread(self.request)
        self.request = b""

    def received(self, most: int) -> bytes | None:
        """What is there now, about `most` bytes of it; None: nothing yet. Never waits."""
        got = b""
        try:
            while len(got) < most and (chunk := self.sock.recv(most)):
                got += chunk
        except ssl.SSLWantReadError:
            return got or None
        return got

    def give_up(self) -> None:
        """End what a thread is doing with this connection: its next `recv` finds the end."""
        with contextlib.suppress(OSError):  # gone already
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self, graceful: bool = False) -> None:
        """Close, without the stock version's wait for the peer: the main loop calls this."""
        util.close(self.sock)
