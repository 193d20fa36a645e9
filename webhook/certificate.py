"""The serving certificate, reloaded whenever the files in its directory change.

The next connection uses a new pair, without a restart or a signal. A pair that cannot be loaded
(half written, or a key that does not match the certificate) never replaces one that works.

| files                              | `context()`                                        |
| ---------------------------------- | -------------------------------------------------- |
| unchanged                          | the same context: no file is read, only `stat`     |
| changed to a valid pair            | a new context                                      |
| changed to an invalid pair, or     | the previous context, with one warning             |
| deleted                            |                                                    |
| no valid pair so far               | OSError                                            |
"""

import logging
import ssl
import threading
from pathlib import Path

from webhook.expiry import not_after

logger = logging.getLogger(__name__)

_Stamp = tuple[tuple[int, int, int], ...]


class Certificate:
    """`tls.crt` and `tls.key` in one directory. Safe for use from several threads."""

    def __init__(self, directory: Path) -> None:
        self.certificate = directory / "tls.crt"
        self.key = directory / "tls.key"
        self.not_after: float | None = None
        """When the served certificate expires, in seconds since 1970; None: not known."""
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._loaded: _Stamp | None = None
        self._refused: _Stamp | None = None

    @property
    def loaded(self) -> bool:
        """Whether a certificate is loaded."""
        return self._context is not None

    def context(self) -> ssl.SSLContext:
        """The context for the next connection. Raises OSError if no valid pair was ever there."""
        with self._lock:
            stamp: _Stamp | None = None
            try:
                stamp = self._stamp()
                if self._context is None or stamp != self._loaded:
                    self._context = self._load()
                    self._loaded = stamp
            except OSError as e:
                if self._context is None:
                    raise
                self._refuse(stamp, e)
            return self._context

    def _stamp(self) -> _Stamp:
        files = (path.stat() for path in (self.certificate, self.key))
        return tuple((s.st_mtime_ns, s.st_ino, s.st_size) for s in files)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.num_tickets = 0  # the API server keeps no sessions to resume
        context.load_cert_chain(self.certificate, self.key)
        try:
            self.not_after = not_after(self.certificate.read_text("ascii"))
        except ValueError:
            self.not_after = None
        logger.info("certificate loaded", extra={"not_after": self.not_after})
        return context

    def _refuse(self, stamp: _Stamp | None, error: OSError) -> None:
        if stamp != self._refused or stamp is None:
            logger.warning(
                "certificate kept: no valid pair to replace it", extra={"error": str(error)}
            )
        self._refused = stamp
