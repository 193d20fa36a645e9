"""Connections to kubelets, kept for the next time that they are read. Safe for several threads.

A handshake takes 2 ms of CPU on each side, and a node is asked for two pages each interval: with
500 nodes it would be most of what is done at rest.

| a connection                                            | is                                  |
| ------------------------------------------------------- | ----------------------------------- |
| whose answer was read to its end                        | kept for its address                |
| unused for two minutes, or ten minutes old              | closed                              |
| made before our identity or the cluster's CA was        | closed: only the token is sent each |
| renewed (the files of `Trust`)                          | time                                |
"""

import http.client
import math
import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kube.gateway import Trust
from kube.verifying import as_clusters_are

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

UNUSED = 120.0
"""Seconds for which nobody needs one until it is closed."""
OLDEST = 600.0
"""Seconds from a handshake, after which the certificate is looked at again."""
_SWEEP = 60.0  # seconds between two looks for those that nobody needs

Address = tuple[str, int]


class Hurried(ssl.SSLSocket):
    """A TLS socket whose every read may take only the time left until `until` (monotonic seconds).

    The handshake needs no such care: its timeout already covers all of it.
    """

    until: float = math.inf

    def recv_into(
        self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0
    ) -> int:
        self.settimeout(left(self.until))
        return super().recv_into(buffer, nbytes, flags)


@dataclass(slots=True)
class Connection:
    """One that is open. `made`, `used`: monotonic seconds."""

    to: Address
    http: http.client.HTTPConnection
    context: ssl.SSLContext
    made: float
    used: float

    def until(self, until: float) -> None:
        """Everything from here on has to be over by then. Raises TimeoutError."""
        tls = self.http.sock
        assert isinstance(tls, Hurried)
        tls.until = until
        tls.settimeout(left(until))


class Connections:
    """Those of one reader. `verify`: whether a kubelet has to show that it is of the cluster."""

    def __init__(self, *, verify: bool) -> None:
        self._verify = verify
        self._lock = threading.Lock()
        self._kept: dict[Address, Connection] = {}
        self._files: tuple[object, ...] = ()
        self._context: ssl.SSLContext | None = None
        self._swept = -math.inf

    def kept(self, to: Address, trust: Trust) -> Connection | None:
        """The one that is kept for an address, which is the caller's then."""
        context, now = self._of(trust), time.monotonic()
        with self._lock:
            found = self._kept.pop(to, None)
        if found is None:
            return None
        if found.context is context and _useful(found, now):
            return found
        found.http.close()
        return None

    def opened(self, to: Address, trust: Trust, until: float) -> Connection:
        """A new one. Raises OSError, of which TimeoutError and SSLCertVerificationError are."""
        context = self._of(trust)
        http_ = http.client.HTTPConnection(*to)
        http_.auto_open = 0  # what has been closed is not opened again in plain text
        http_.sock = plain = socket.create_connection(to, left(until))
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(left(until))
            http_.sock = context.wrap_socket(plain, server_hostname=to[0])
        except BaseException:
            http_.close()
            raise
        return Connection(to, http_, context, time.monotonic(), time.monotonic())

    def keep(self, connection: Connection) -> None:
        """For the next time. What nobody needed for a while is closed."""
        connection.used = now = time.monotonic()
        with self._lock:
            other = self._kept.get(connection.to)
            over = [other] if other else []
            self._kept[connection.to] = connection
            if now - self._swept > _SWEEP:
                self._swept = now
                unused = [at for at, one in self._kept.items() if not _useful(one, now)]
                over += [self._kept.pop(at) for at in unused]
        for one in over:
            one.http.close()

    def close(self) -> None:
        """All of them."""
        with self._lock:
            over, self._kept = [*self._kept.values()], {}
        for one in over:
            one.http.close()

    def _of(self, trust: Trust) -> ssl.SSLContext:
        """What handshakes are made with: another once one of the files was written again.

        A context that threads share must not change (verifying.py), so it is made and left alone.
        """
        names = trust.ca_file, trust.client_cert_file, trust.client_key_file
        files = *names, *(os.stat(name).st_mtime_ns for name in names if name)
        with self._lock:
            if self._context is None or files != self._files:
                self._context, self._files = _context(trust, verify=self._verify), files
            return self._context


def left(until: float) -> float:
    """Seconds until then. Raises TimeoutError where it is over."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _useful(connection: Connection, now: float) -> bool:
    return now - connection.used < UNUSED and now - connection.made < OLDEST


def _context(trust: Trust, *, verify: bool) -> ssl.SSLContext:
    context = as_clusters_are(ssl.create_default_context(cafile=trust.ca_file))
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if trust.client_cert_file:
        context.load_cert_chain(trust.client_cert_file, trust.client_key_file)
    context.sslsocket_class = Hurried
    return context
