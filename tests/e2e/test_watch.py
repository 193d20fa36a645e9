"""The watch against the real API server: what that sends, forgets, and does when it dies."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kube import errors
from kube.errors import KubeError, NotFound
from kube.gateway import Gateway, connect
from kube.objects import Meta, Namespace
from kube.watching import Watch
from kube.wire import event_of
from tests.simulation.conformance import watches
from tests.simulation.conformance.target import Model, Real

COMPONENT = Path(__file__).parents[2] / "tests/cluster/component"
embedded_only = pytest.mark.skipif(
    os.environ.get("CLUSTER") == "current", reason="stops servers: only the embedded cluster's"
)


def configmaps(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps"


def create(gateway: Gateway, namespace: str, name: str) -> bytes:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    return gateway.post(configmaps(namespace), body)


def eventually(true: Callable[[], object], within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)


@pytest.fixture
def follow(gateway: Gateway) -> Iterator[Callable[[str], Watch[Namespace]]]:
    """Start a watch of a namespace's ConfigMaps, of which we only read the metadata."""
    stop = threading.Event()

    def start(namespace: str) -> Watch[Namespace]:
        watch = Watch(gateway, configmaps(namespace), Namespace)
        # A silent stream notices `stop` only with its next line: not waited for.
        threading.Thread(target=watch.run, args=(stop,), daemon=True).start()
        eventually(lambda: watch.synced)
        return watch

    yield start
    stop.set()


Follow = Callable[[str], Watch[Namespace]]


def test_objects_that_come_change_and_go_are_seen_by_the_watch(
    follow: Follow, gateway: Gateway, namespace: str
) -> None:
    create(gateway, namespace, "before")
    watch = follow(namespace)
    assert (namespace, "before") in watch.snapshot()
    key = (namespace, "later")
    create(gateway, namespace, "later")
    eventually(lambda: watch.get(key))
    body = {"metadata": {"labels": {"a": "b"}}}
    gateway.patch(configmaps(namespace) + "/later", body)
    eventually(lambda: (found := watch.get(key)) and found.metadata.labels == {"a": "b"})
    gateway.delete(configmaps(namespace) + "/later")
    eventually(lambda: watch.get(key) is None)
    assert watch.age() < 1.0


def test_a_list_of_several_pages_is_one_list(
    follow: Follow, gateway: Gateway, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kube.wire._PAGE", "2")
    for name in "abcde":
        create(gateway, namespace, name)
    watch = follow(namespace)
    assert {name for _, name in watch.snapshot()} >= set("abcde")


def test_a_write_of_our_own_is_known_at_once_and_never_undone_by_the_watch(
    follow: Follow, gateway: Gateway, namespace: str
) -> None:
    watch = follow(namespace)
    raw = create(gateway, namespace, "ours")
    watch.put(raw)
    assert watch.get((namespace, "ours"))
    gateway.delete(configmaps(namespace) + "/ours")
    eventually(lambda: watch.get((namespace, "ours")) is None)
    watch.put(raw)  # the late answer to a write
    assert watch.get((namespace, "ours")) is None


def test_a_bookmark_brings_the_version_of_what_changed_elsewhere(
    gateway: Gateway, namespace: str
) -> None:
    version = json.loads(gateway.get(configmaps(namespace)))["metadata"]["resourceVersion"]
    lines = open_stream(gateway, namespace, version, seconds=6)
    create(gateway, "default", name := f"elsewhere-of-{namespace}")
    gateway.delete(configmaps("default") + "/" + name)
    kind, meta, _ = [event_of(line) for line in lines][-1]  # two seconds before the end
    assert kind == "BOOKMARK"
    assert int(meta.resource_version) > int(version)


def test_a_watch_of_a_kind_without_changes_brings_nothing_but_its_end(
    gateway: Gateway, namespace: str
) -> None:
    eventually(lambda: b"kube-root-ca" in gateway.get(configmaps(namespace)))
    everywhere = json.loads(gateway.get("/api/v1/configmaps"))["metadata"]["resourceVersion"]
    began = time.monotonic()
    lines = open_stream(gateway, namespace, everywhere, seconds=3)
    # Bookmarks only if other ConfigMaps of this cluster were changed meanwhile.
    assert {event_of(line)[0] for line in lines} <= {"BOOKMARK"}
    assert 2.5 < time.monotonic() - began < 5


def open_stream(gateway: Gateway, namespace: str, version: str, seconds: int) -> Iterator[bytes]:
    """A watch that the server ends after that many seconds."""
    query = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(seconds)}
    return gateway.stream(configmaps(namespace), silence=30.0, resourceVersion=version, **query)


@embedded_only
@pytest.mark.slow
@pytest.mark.parametrize("verb", ["kill", "stop"])
def test_the_watch_outlives_the_server_and_sees_what_changed_meanwhile(
    verb: str, follow: Follow, gateway: Gateway, namespace: str
) -> None:
    create(gateway, namespace, "gone")
    watch = follow(namespace)
    component(verb, "apiserver")
    with pytest.raises(KubeError):
        gateway.get("/version")
    assert watch.get((namespace, "gone"))  # what was known is still known
    component("start", "apiserver")
    # Changed over another connection, certainly before the watch is back.
    other = connect()
    eventually(lambda: answers(other), 30)
    create(other, namespace, "came")
    other.delete(configmaps(namespace) + "/gone")
    eventually(lambda: watch.get((namespace, "came")), 30)
    eventually(lambda: watch.get((namespace, "gone")) is None, 30)
    assert watch.age() < 60


@embedded_only
@pytest.mark.slow
def test_a_version_that_the_server_forgot_is_listed_again(gateway: Gateway, namespace: str) -> None:
    component("kill", "apiserver")  # its history begins with its start
    component("start", "apiserver")
    eventually(lambda: answers(gateway), 30)
    create(gateway, namespace, "there")
    with pytest.raises(errors.Gone):
        for line in gateway.stream(
            configmaps(namespace), silence=10.0, watch="true", resourceVersion="1"
        ):
            event_of(line)
    script = watches.a_version_that_is_too_old_has_expired
    assert script(Model()) == script(Real(gateway, namespace))
    watch = Watch(gateway, configmaps(namespace), Namespace)
    ghost = Namespace(Meta("gone", namespace, resource_version="1"))
    watch._held.replace({(namespace, "gone"): ghost}, "1")
    watch._listed = True  # as if it had been suspended since then
    stop = threading.Event()
    threading.Thread(target=watch.run, args=(stop,), daemon=True).start()
    eventually(lambda: watch.get((namespace, "there")))
    assert watch.get((namespace, "gone")) is None
    stop.set()


def component(verb: str, name: str) -> None:
    done = subprocess.run([COMPONENT, verb, name], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def answers(gateway: Gateway) -> bool:
    try:
        gateway.get("/api/v1/namespaces/default")
    except NotFound:
        return True
    except KubeError:
        return False
    return True
