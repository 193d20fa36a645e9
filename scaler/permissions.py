"""What the loop checks before it acts: the Lease, and the webhook's configuration."""

from collections.abc import Callable
from dataclasses import dataclass

from scaler.cluster.view import View


@dataclass(frozen=True)
class Permissions:
    """What must hold before anything is done; each is called just before it matters."""

    leader: Callable[[], bool] = lambda: True
    """Whether this process may act at all (the Lease)."""
    webhook: Callable[[], str | None] = lambda: None
    """Why the API server cannot call the webhook, as far as its configuration shows."""
    admits: Callable[[View], str | None] = lambda view: None
    """Why the webhook's configuration leaves this workload's pods out."""
    known: Callable[[], bool] = lambda: True
    """Whether the webhook's configuration has been read: until then no pod is replaced."""
    repaired: Callable[[], float | None] = lambda: None
    """When the API server's trust in the webhook was last repaired, in seconds since the epoch."""
    succeeded: Callable[[], bool] = lambda: False
    """Whether another process goes on where this one stops."""
