"""A scripted server, and the gateway to it."""

from collections.abc import Iterator

import pytest
from kubernetes import client

from kube.gateway import Gateway
from tests.unit.kube.scripted import Script, serving


@pytest.fixture
def api() -> Iterator[Script]:
    with serving() as script:
        yield script


@pytest.fixture
def gateway(api: Script) -> Gateway:
    """As in production: a busy machine may take its time to answer."""
    return Gateway(client.Configuration(host=api.url))


@pytest.fixture
def hasty(api: Script) -> Gateway:
    """One that gives up soon, for servers that never answer."""
    return Gateway(client.Configuration(host=api.url), timeout=0.3)
