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
    return Gateway(client.Configuration(host=api.url), timeout=0.3)
