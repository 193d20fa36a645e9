"""Leader election: one scaler at a time may act, by a Lease.

Whoever has lost the Lease ends at once, for somebody else may act by now.
"""

import logging
import os

from kube.gateway import Gateway
from kube.lease import Lease

CALL_SECONDS = 5.0
"""What one call to the API server may wait for its answer, beside 3 s to connect."""

ACT_SECONDS = 9.0
"""What one call may take in all: no pod is replaced with less than that left of the Lease."""


def lease_of(gateway: Gateway, namespace: str, name: str, identity: str) -> Lease | None:
    """None where none is named. `gateway`: one with short time-outs, for this alone."""
    return Lease(gateway, namespace, name, identity, lost=lost) if name else None


def lost(reason: str) -> None:
    """The Lease is gone: end at once, whatever any thread is in the middle of."""
    logging.shutdown()
    os._exit(3)
