"""The store in memory, behind a scripted API server."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kubernetes import client

from kube.gateway import Gateway
from kube.objects import Key
from store.cache import STALE, Cache
from store.model import PodSize, Workload
from tests.unit.kube.scripted import Stream, event, eventually, listing, serving

WEB = Workload("apps/v1", "Deployment", "n", "web")
KEY: Key = ("n", "deployment-web")


def podsize(name: str, version: int, *, cpu: object = "1", kind: str = "Deployment") -> object:
    meta = {"name": f"deployment-{name}", "namespace": "n", "resourceVersion": str(version)}
    ref = {"apiVersion": "apps/v1", "kind": kind, "name": name}
    size = {"revision": version, "containers": [{"name": "c", "limits": {"cpu": cpu}}]}
    return {"metadata": meta, "spec": {"workloadRef": ref}, "status": {"size": size}}


@contextmanager
def cached(*objects: object, clock: list[float] | None = None) -> Iterator[tuple[Cache, Stream]]:
    """A cache that has read those objects, and the stream that brings it news."""
    told = clock or []
    with serving() as api:
        api.answers = [listing(5, *objects)]  # type: ignore[arg-type]
        api.watches = [stream := Stream()]
        gateway = Gateway(client.Configuration(host=api.url))
        clocked = (lambda: told[0]) if told else time.monotonic
        cache = Cache(gateway, monotonic=clocked)
        stop = threading.Event()
        thread = threading.Thread(target=cache.run, args=(stop,))
        thread.start()
        try:
            eventually(lambda: cache.watch.synced)
            yield cache, stream
        finally:
            stop.set()
            api.over.set()
            thread.join(5)


def revision(found: PodSize | None) -> int | None:
    return found.status.size.revision if found and found.status.size else None


def test_a_workload_finds_its_own_podsize() -> None:
    with cached(podsize("web", 3), podsize("api", 4)) as (cache, _):
        assert revision(cache.get(WEB)) == 3
        assert cache.get(Workload("apps/v1", "Deployment", "elsewhere", "web")) is None
        assert cache.get(Workload("extensions/v1", "Deployment", "n", "web")) is None
        assert sorted(cache.all()) == [("n", "deployment-api"), KEY]


def test_an_object_that_says_another_workload_is_not_given_out() -> None:
    with cached(podsize("web", 3, kind="StatefulSet")) as (cache, _):
        assert cache.get(WEB) is None
        assert cache.named(KEY) is not None


def test_a_changed_object_is_seen_and_a_deleted_one_forgotten() -> None:
    with cached(podsize("web", 3)) as (cache, stream):
        assert revision(cache.get(WEB)) == 3
        stream.send({"type": "MODIFIED", "object": podsize("web", 6)})
        eventually(lambda: revision(cache.get(WEB)) == 6)
        stream.send({"type": "DELETED", "object": podsize("web", 7)})
        eventually(lambda: not cache.all())
        assert cache._read == {}


@pytest.mark.parametrize("cpu", ["lots", {"odd": 1}, None], ids=["text", "shape", "null"])
def test_an_unreadable_object_counts_as_absent_and_is_logged_once(
    cpu: object, caplog: pytest.LogCaptureFixture
) -> None:
    with cached(podsize("web", 3, cpu=cpu), podsize("api", 4)) as (cache, stream):
        for _ in range(3):
            assert cache.get(WEB) is None
            assert list(cache.all()) == [("n", "deployment-api")]
        told = [r for r in caplog.records if r.message in ("PodSize unreadable", "object left out")]
        assert len(told) == 1
        stream.send({"type": "MODIFIED", "object": podsize("web", 6)})
        eventually(lambda: revision(cache.get(WEB)) == 6)


def test_an_object_that_becomes_unreadable_is_absent_from_then_on() -> None:
    with cached(podsize("web", 3)) as (cache, stream):
        stream.send({"type": "MODIFIED", "object": podsize("web", 6, cpu={"odd": 1})})
        eventually(lambda: cache.get(WEB) is None)


def test_an_object_is_parsed_once_per_version() -> None:
    with cached(podsize("web", 3)) as (cache, _):
        assert cache.get(WEB) is cache.get(WEB) is cache.all()[KEY]


def test_the_cache_is_fresh_while_the_server_answers() -> None:
    clock = [1000.0]
    with cached(podsize("web", 3), clock=clock) as (cache, stream):
        assert cache.fresh
        clock[0] += STALE + 1
        assert not cache.fresh
        stream.send(event("BOOKMARK", {"metadata": {"resourceVersion": "6"}}))
        eventually(lambda: cache.fresh)


def test_the_cache_is_not_fresh_before_it_has_read_all() -> None:
    assert not Cache(Gateway(client.Configuration(host="http://127.0.0.1:1"))).fresh


def test_a_write_of_our_own_is_in_the_cache_at_once() -> None:
    with cached(podsize("web", 3)) as (cache, _):
        cache.watch.put(json.dumps(podsize("web", 9)).encode())
        assert revision(cache.get(WEB)) == 9
