"""gunicorn's threaded worker, changed so that a connection uses a thread only for a request.

Go's HTTP transport, given many requests and no connections, opens one for each and then sends some
of the requests over whichever is free first. The surplus connections finish their TLS handshake and
stay silent for up to 90 seconds. The stock worker gives each of those a thread that blocks in
`recv`; once `threads` of them are blocked nothing is answered any more, not even probes. Here a
silent connection waits in the poller, before, during and after its handshake.

| a connection that                  | blocks in the stock worker  | here                         |
| ---------------------------------- | --------------------------- | ---------------------------- |
| sends a usual review, kept alive   | a thread, briefly           | answered by the main loop    |
| sends nothing                      | a thread for 5 s            | poller                       |
| stops in the middle of a handshake | a thread, indefinitely      | poller                       |
| is silent after the handshake      | a thread, indefinitely      | poller                       |
| stops in the middle of a request   | a thread, indefinitely      | a thread for `LONGEST`; the  |
|                                    |                             | poller, if it was kept alive |
| does not close when asked to       | the main loop for 2 s       | closed                       |
| is silent when the worker stops    | the shutdown for 20 s       | closed with the kept-alive   |

It uses internals of gunicorn that may change: its version is pinned, and the burst test fails if
this stops working. It does not parse HTTP itself: see quick.py.
"""

import errno
import math
import selectors
import time
from functools import partial
from typing import Any

from gunicorn.workers.gthread import _DEFER, ThreadWorker

from webhook.connection import Connection
from webhook.fast_path import LARGEST, unfinished

LONGEST = 2.5  # seconds that a request may keep a thread; half of the API server's time limit


class Worker(ThreadWorker):  # type: ignore[misc]
    """See the module's docstring."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.busy: set[Connection] = set()

    def accept(self, listener: Any) -> None:
        """Accept a connection; it gets a thread when it first sends something."""
        try:
            client, address = listener.accept()
        except OSError as e:
            if e.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._park(Connection(self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Give the connection a thread."""
        conn.began = math.inf  # it may have to wait for a thread
        self.busy.add(conn)
        super().enqueue_req(conn)

    def on_client_socket_readable(self, conn: Connection, client: Any) -> None:
        """A kept-alive connection is readable: a usual request is answered right here."""
        if self.alive and self._answered(conn):
            return
        conn.hand_over()
        super().on_client_socket_readable(conn, client)

    def _answered(self, conn: Connection) -> bool:
        """Whether the connection needs nothing more until it sends again."""
        try:
            got = conn.received(LARGEST)
            if got is None:
                return True
            conn.request += got
            if (quick := self.app.quick(conn.request)) is None:
                return bool(got) and unfinished(conn.request) and self._awaited(conn)
            answer, after = quick
            try:
                conn.sock.send(answer)
            finally:
                after()
        except OSError:  # gone, or not reading its answers: a thread will notice and close
            conn.give_up()
            return False
        self._done(conn)
        return True

    def _awaited(self, conn: Connection) -> bool:
        """Wait for the rest of the request, within a time limit: see `murder_pending`."""
        if conn not in self.busy:
            conn.began = time.monotonic()
            self.busy.add(conn)
        return True

    def _done(self, conn: Connection) -> None:
        """Keep the connection in the poller, with the time-out of one that was just used."""
        self.nr += 1
        self.busy.discard(conn)
        conn.request = b""
        conn.set_timeout()
        self.keepalived_conns.remove(conn)  # they are kept in the order of their time-outs
        self.keepalived_conns.append(conn)

    def handle(self, conn: Connection) -> object:
        """Runs in a thread: the handshake, and a request if there is one."""
        conn.began = time.monotonic()
        if not conn.initialized:
            try:
                if not conn.request_waiting():
                    return _DEFER
            except OSError as e:  # a failed handshake, or the peer is gone
                self.log.debug("Handshake failed: %s", e)
                return False
        return super().handle(conn)

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """Runs in the main loop again: park the connection or close it."""
        self.busy.discard(conn)
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Called every second: also ends requests that take too long."""
        super().murder_pending()
        overdue = time.monotonic() - LONGEST
        for conn in [c for c in self.busy if c.began < overdue]:
            conn.give_up()

    def _park(self, conn: Connection) -> None:
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)
