"""A gunicorn connection that never blocks: not for a handshake, not for data, not to close.

It uses internals of gunicorn that may change: its version is pinned, and the burst test fails if
this stops working.
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
    """When work on the current request began (monotonic seconds)."""
    request = b""
    """The part of a request that was read before any thread was given it."""

    def request_waiting(self) -> bool:
        """Continue the handshake as far as possible; True once a request has begun to arrive."""
        if not isinstance(self.sock, ssl.SSLSocket):
            self.sock = sock.ssl_wrap_socket(self.sock, self.cfg)
        if not self.initialized:
            try:
                self.sock.do_handshake()
            except ssl.SSLWantReadError:
                return False
            self.parser = http.get_parser(self.cfg, self.sock, self.client)
            self.initialized = True
        self.data_ready = False  # it was the handshake that made the socket readable
        return self.sock.pending() > 0 or bool(self.wait_for_data(0))

    def hand_over(self) -> None:
        """Give the parser the bytes read so far; a thread continues from there."""
        self.parser.unreader.unread(self.request)
        self.request = b""

    def received(self, most: int) -> bytes | None:
        """The bytes available now, about `most` of them; None: nothing yet. Never blocks."""
        got = b""
        try:
            while len(got) < most and (chunk := self.sock.recv(most)):
                got += chunk
        except ssl.SSLWantReadError:
            return got or None
        return got

    def give_up(self) -> None:
        """Abort a thread's work on this connection: its next `recv` returns end of stream."""
        with contextlib.suppress(OSError):  # already closed
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self, graceful: bool = False) -> None:
        """Close without waiting for the peer, as gunicorn's own does: the main loop calls this."""
        util.close(self.sock)
