"""The Secrets and the webhook's configuration as the API server has them: read, changed, by name.

A Secret is patched with the version that was read, so that two writers never mix two pairs. The
configuration belongs to the chart: of it only `caBundle` is applied, by a field manager of its own,
and the object's UID keeps an apply from making one that somebody has just deleted.
"""

from collections.abc import Mapping, Sequence

import msgspec

from kube import kinds
from kube.errors import NotFound
from kube.gateway import APPLY_PATCH, Gateway
from kube.objects import Meta
from scaler.certificates.webhook_configuration import Configuration

MANAGER = "podtailor-trust"


class Secret(msgspec.Struct, frozen=True):
    """A Secret; the values are the decoded bytes."""

    metadata: Meta
    data: dict[str, bytes] | None = None

    def value(self, key: str) -> bytes:
        """Empty where the Secret has no such key."""
        return (self.data or {}).get(key, b"")


def read_secret(gateway: Gateway, namespace: str, name: str) -> Secret | None:
    """None where there is none. Raises KubeError."""
    try:
        raw = gateway.get(kinds.SECRET.path(namespace, name))
    except NotFound:
        return None
    return msgspec.json.decode(raw, type=Secret)


def write_secret(gateway: Gateway, secret: Secret, data: Mapping[str, bytes]) -> bool:
    """Set these keys (empty: remove), the others stay; False where all were so already.

    Raises KubeError (Conflict where somebody wrote since).
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
    """None where there is none. Raises KubeError."""
    try:
        raw = gateway.get(_path(name))
    except NotFound:
        return None
    return msgspec.json.decode(raw, type=Configuration)


def write_bundle(
    gateway: Gateway, configuration: Configuration, entries: Sequence[str], bundle: bytes
) -> bool:
    """Let the entries that are there trust the bundle; False where they did already.

    Raises KubeError.
    """
    trusted = configuration.bundles(entries)
    if all(held == bundle for held in trusted.values()):
        return False
    meta = configuration.metadata
    # All of them, also those that are right: what is left out of an apply is given up.
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
