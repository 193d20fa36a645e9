"""What the loop asks before it acts: the Lease, and the webhook's configuration."""

from collections.abc import Callable
from dataclasses import dataclass

from scaler.cluster.view import View


@dataclass(frozen=True)
class Permissions:
    """What has to hold before anything is done; each is asked when it counts."""

    leader: Callable[[], bool] = lambda: True
    """Whether we may act at all (the Lease)."""
    webhook: Callable[[], str | None] = lambda: None
    """Why the API server cannot ask the webhook, as far as its configuration tells."""
    admits: Callable[[View], str | None] = lambda seen: None
    """Why the webhook's configuration leaves this workload's pods out."""
    known: Callable[[], bool] = lambda: True
    """Whether the webhook's configuration has been looked at: no pod is replaced before."""
