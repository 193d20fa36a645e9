"""Leader election: one scaler at a time may act, by a Lease.

A scaler that has lost the Lease exits at once, as another one may act by now. One that is stopped
asks whether another will go on where it stops.
"""

import logging
import os

import msgspec

from kube import kinds, objects
from kube.errors import KubeError
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


class _Deployments(msgspec.Struct):
    items: list[objects.Owner] = []


_DEPLOYMENTS = msgspec.json.Decoder(_Deployments)


def succeeded(gateway: Gateway, namespace: str, deployment: str) -> bool:
    """Whether our own Deployment is to stay, and with it a scaler: an upgrade, a drained node.

    No answer, no Deployment, or one that is being deleted or scaled to zero: nobody goes on.
    """
    try:
        raw = gateway.get(
            kinds.DEPLOYMENT.path(namespace), fieldSelector=f"metadata.name={deployment}"
        )
    except KubeError:
        return False
    found = _DEPLOYMENTS.decode(raw).items
    mine = (d for d in found if deployment and d.metadata.name == deployment)
    return any(not d.metadata.deletion_timestamp and d.spec.replicas != 0 for d in mine)
