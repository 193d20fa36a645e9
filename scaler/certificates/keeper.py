"""Keeps the API server's trust in the webhook up to date, in its own thread, on the leader only."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scaler.certificates import reachability
from scaler.certificates.options import PODS
from scaler.certificates.trust import Trust, TrustState
from scaler.certificates.webhook_configuration import Entry

logger = logging.getLogger(__name__)

_FRESH = 5.0
"""Seconds for which the result of a connection test is reused."""

Labels = Mapping[str, str]


@dataclass
class Keeper:
    """`is_leader`: whether this process may write. `changed` is called when the problem changes.

    `expires` is called with the end of the webhook's certificate, in seconds since the epoch.
    """

    trust: Trust
    is_leader: Callable[[], bool]
    changed: Callable[[], None] = lambda: None
    expires: Callable[[float], None] = lambda at: None
    state: TrustState | None = None
    tried: float = -float("inf")
    seen: str | None = None
    clock: Callable[[], float] = time.time
    repaired: float | None = None
    """When the trust in the webhook was last written, in seconds since the epoch."""

    def run(self, stop: threading.Event, interval: float) -> None:
        """Run a cycle every `interval` seconds until `stop` is set."""
        while not stop.is_set():
            if self.is_leader():
                self._cycle()
            stop.wait(interval)

    @property
    def known(self) -> bool:
        """Whether a cycle has been completed."""
        return self.state is not None

    def problem(self) -> str | None:
        """What the last cycle found wrong; None: nothing, or no cycle has run yet."""
        return self.state.message if self.state and not self.state.ok else None

    def excluded(self, namespace: str, labels: Labels, template: Labels) -> str | None:
        """Why the webhook's configuration excludes pods; None: it does not, or it is not known.

        `labels`: the namespace's. `template`: those of the pod template.
        """
        entry = self._entry(PODS)
        return None if entry is None else entry.leaves_out(namespace, labels, template)

    def diagnosis(self) -> str | None:
        """Why the webhook cannot be reached, as of at most five seconds ago; None: not known."""
        entry = self._entry(PODS)
        if entry is not None and time.monotonic() - self.tried >= _FRESH:
            self.tried, self.seen = time.monotonic(), reachability.problem(entry.client_config)
        return self.seen if entry is not None else None

    def _entry(self, name: str) -> Entry | None:
        found = self.state.found if self.state else None
        return next(iter(found.entries([name])), None) if found else None

    def _cycle(self) -> None:
        before = self.problem()
        try:
            self.state = self.trust.cycle(time.time())
            if self.state.entrusted:
                self.repaired = self.clock()
                self.changed()
        except Exception:
            # The outermost frame of this thread: the next cycle reads everything again.
            logger.exception("trust not kept")
            return
        if self.state.expires is not None:
            self.expires(self.state.expires)
        if self.problem() != before:
            logger.info("trust", extra={"problem": self.problem() or "none"})
            self.changed()
