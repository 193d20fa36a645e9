"""Reads and writes the Secrets and the webhook's configuration.

A Secret is patched with the resourceVersion that was read, so two writers never mix two pairs. The
configuration belongs to the chart: only its `caBundle` is applied, with a field manager of its own.
The UID in the apply prevents it from creating an object that was just deleted.
"""

from collections.abc import Mapping, Sequence

import msgspec

from kube import kinds
from kube.errors import NotFound
from kube.gateway import APPLY_PATCH, Gateway
from kube.objects import Meta
from scaler.certificates.webhook_configuration import Configuration

MANAGER = "podtailor-trust"

_CONFIGURATION = msgspec.json.Decoder(Configuration)


class Secret(msgspec.Struct, frozen=True):
    """A Secret; the values are the decoded bytes."""

    metadata: Meta
    data: dict[str, bytes] | None = None

    def value(self, key: str) -> bytes:
        """The value of a key; empty if the Secret does not have it."""
        return (self.data or {}).get(key, b"")


_SECRET = msgspec.json.Decoder(Secret)


def read_secret(gateway: Gateway, namespace: str, name: str) -> Secret | None:
    """The Secret; None if it does not exist. Raises KubeError."""
    try:
        raw = gateway.get(kinds.SECRET.path(namespace, name))
    except NotFound:
        return None
    return _SECRET.decode(raw)


def write_secret(gateway: Gateway, secret: Secret, data: Mapping[str, bytes]) -> bool:
    """Set these keys (empty: remove) and keep the others; False if nothing had to change.

    Raises KubeError (Conflict if the Secret was changed since it was read).
    """
    changed = {key: value or None for key, value in data.items() if value != secret.value(key)}
    if not changed:
        return False
    meta = secret.metadata
    gateway.patch(
        kinds.SECRET.path(meta.namespace, meta.name),
        {"metadata": {"resourceVersion": meta.resource_version}, "data": changed},
        fieldManager=MANAGER,
    )
    return True


def read_configuration(gateway: Gateway, name: str) -> Configuration | None:
    """The webhook's configuration; None if it does not exist. Raises KubeError."""
    try:
        raw = gateway.get(_path(name))
    except NotFound:
        return None
    return _CONFIGURATION.decode(raw)


def write_bundle(
    gateway: Gateway, configuration: Configuration, entries: Sequence[str], bundle: bytes
) -> bool:
    """Set the caBundle of those `entries` that exist; False if it was set already.

    Raises KubeError.
    """
    trusted = configuration.bundles(entries)
    if all(held == bundle for held in trusted.values()):
        return False
    meta = configuration.metadata
    # All entries, also unchanged ones: an apply removes the fields that it leaves out.
    body = {
        "apiVersion": kinds.WEBHOOK_CONFIGURATION.api_version,
        "kind": kinds.WEBHOOK_CONFIGURATION.name,
        "metadata": {"name": meta.name, "uid": meta.uid},
        "webhooks": [{"name": name, "clientConfig": {"caBundle": bundle}} for name in trusted],
    }
    gateway.patch(_path(meta.name), body, APPLY_PATCH, fieldManager=MANAGER, force="true")
    return True


def _path(name: str) -> str:
    return kinds.WEBHOOK_CONFIGURATION.path("", name)
