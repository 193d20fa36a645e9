"""Keeps the agents' port open on the leader, with the certificates that are in force.

The private key never touches a disk: OpenSSL reads it from a file in memory that nobody else has.
"""

import logging
import os
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kube.errors import KubeError
from scaler.agents.listener import Listener
from scaler.certificates.agents import AgentTrust, Material, problem

logger = logging.getLogger(__name__)

_LOOK = 30.0
"""Seconds between two looks at the Secrets; what is due is due for weeks."""
_SOON = 2.0
"""Until they have been read once, and while something is wrong."""


def context(material: Material) -> ssl.SSLContext:
    """Serves by the material, to those alone who have a certificate of the trusted authorities."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.num_tickets = 0
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(cadata=material.trusted.decode("ascii"))
    file = os.memfd_create("agents", os.MFD_CLOEXEC)
    try:
        os.write(file, material.server.certificate + material.server.key)
        made.load_cert_chain(f"/proc/self/fd/{file}")
    finally:
        os.close(file)
    return made


@dataclass
class AgentPort:
    """`clock`: seconds since 1970, by which certificates are made and judged."""

    trust: AgentTrust
    listener: Listener
    is_leader: Callable[[], bool]
    address: str
    port: int
    clock: Callable[[], float]
    _material: Material | None = None
    _thread: threading.Thread | None = None
    _said: str = ""

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        while not stop.is_set():
            ready = False
            if self.is_leader():
                ready = self._cycle()
            else:
                self._close()
            stop.wait(_LOOK if ready else _SOON)
        self._close()

    def _cycle(self) -> bool:
        """Whether the port is open, with what is in force."""
        try:
            material = self.trust.cycle(self.clock())
            alive = self._thread is not None and self._thread.is_alive()
            if material != self._material or not alive:
                self._close()
                self._serve(material)
        except (KubeError, ValueError, OSError) as e:
            self._log(str(e) if isinstance(e, OSError) else problem(e))
            return self._thread is not None and self._thread.is_alive()
        self._said = ""
        return True

    def _serve(self, material: Material) -> None:
        secured = context(material)
        self.listener.closing = False

        def serve() -> None:
            try:
                self.listener.serve(secured, self.address, self.port)
            except OSError as e:
                self._log(str(e))

        self._material = material
        self._thread = threading.Thread(target=serve, name="agents", daemon=True)
        self._thread.start()

    def _close(self) -> None:
        self.listener.close()
        if self._thread is not None:
            self._thread.join(5.0)
        self._thread = self._material = None

    def _log(self, why: str) -> None:
        """The same again is not logged again."""
        if why != self._said:
            logger.warning("agents are not listened to", extra={"error": why})
        self._said = why
