"""A scripted API server, a cache that follows it, and the application on top."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from kubernetes import client

from kube.gateway import Gateway
from store.cache import Cache
from tests.unit.webhook import apiserver, certs
from webhook.certificate import Certificate


@pytest.fixture
def api() -> Iterator[apiserver.ApiServer]:
    with apiserver.running() as server:
        yield server


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    certs.write(tmp_path, certs.pair())
    loaded = Certificate(tmp_path)
    loaded.context()
    return loaded


@pytest.fixture
def follow(api: apiserver.ApiServer) -> Iterator[Callable[[], Cache]]:
    """Starts a cache that follows `api`."""
    with ExitStack() as stack:

        def start() -> Cache:
            cache = Cache(Gateway(client.Configuration(host=api.url)))
            stop = threading.Event()
            thread = threading.Thread(target=cache.run, args=(stop,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(api.stop.set)
            stack.callback(stop.set)
            return cache

        yield start
