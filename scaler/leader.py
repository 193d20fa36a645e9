"""Leader election: one scaler at a time may act, by a Lease.

A scaler that has lost the Lease exits at once, as another one may act by now.
"""

import logging
import os

from kube.gateway import Gateway
from kube.lease import Lease

CALL_SECONDS = 5.0
"""Seconds that one call to the API server may wait for its answer, beside 3 s to connect."""

ACT_SECONDS = 9.0
"""Seconds that one call may take in all: no pod is replaced with less left of the Lease."""


def lease_of(gateway: Gateway, namespace: str, name: str, identity: str) -> Lease | None:
    """The Lease; None where none is named. `gateway`: one with short time-outs, for this alone."""
    return Lease(gateway, namespace, name, identity, lost=lost) if name else None


def lost(reason: str) -> None:
    """The Lease is lost: exit at once, whatever other threads are doing."""
    logging.shutdown()
    os._exit(3)
