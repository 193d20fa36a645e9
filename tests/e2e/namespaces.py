"""Namespaces that tests have to themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from kube.gateway import Gateway

_PATH = "/api/v1/namespaces"


@contextmanager
def fresh(gateway: Gateway) -> Iterator[str]:
    """The name of a new one, deleted afterwards (not waited for)."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "e2e-"}}
    name = msgspec.json.decode(gateway.post(_PATH, body))["metadata"]["name"]
    try:
        yield name
    finally:
        gateway.delete(f"{_PATH}/{name}")
