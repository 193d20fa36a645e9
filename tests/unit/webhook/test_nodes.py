"""The class of the node for which a pod is made; nodes are followed where somebody needs it."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from store.annotations import NODE_CLASS
from store.codec import PodSizeJson
from tests.fakes import FakeGateway
from tests.unit.store.nodes import NOW, node
from tests.unit.webhook.reviews import DOUBLED, podsize
from webhook.nodes import Nodes
from webhook.review import Pod

PI = [{"class": "pi", "containers": [DOUBLED]}]


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def gateway() -> FakeGateway:
    made = FakeGateway()
    for one in (node("fast", "server"), node("pi-1", "pi"), node("fresh", "pi", written=2)):
        made.set(f"/api/v1/nodes/{one.metadata.name}", msgspec.to_builtins(one, str_keys=True))
    return made


def stored(*, classes: object = (), revision: int = 3) -> PodSizeJson:
    made = podsize(DOUBLED, revision=revision)
    if revision:
        made["status"]["size"]["classes"] = classes
    return msgspec.convert(made, PodSizeJson)


def pod(**spec: Any) -> Pod:
    return msgspec.json.decode(msgspec.json.encode({"spec": spec}), type=Pod)


def on(*names: str) -> dict[str, Any]:
    """As a DaemonSet names the node of its pod."""
    fields = [{"key": "metadata.name", "operator": "In", "values": list(names)}]
    required = {"nodeSelectorTerms": [{"matchFields": fields}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def nodes(gateway: FakeGateway, stop: threading.Event) -> Nodes:
    made = Nodes(gateway, stop, clock=lambda: NOW)
    made.notice(stored(classes=PI))
    until(lambda: made.watch.synced)
    return made


@pytest.mark.parametrize(
    "seen", [None, stored(), stored(revision=0)], ids=["gone", "no classes", "no size"]
)
def test_without_sizes_by_class_no_node_is_read(
    seen: PodSizeJson | None, gateway: FakeGateway, stop: threading.Event
) -> None:
    before = threading.active_count()
    made = Nodes(gateway, stop)
    made.notice(seen)
    assert (threading.active_count(), gateway.calls) == (before, 0)
    assert made.class_of(pod(affinity=on("pi-1"))) is None


def test_they_are_followed_once_however_many_need_them(nodes: Nodes) -> None:
    before = threading.active_count()
    nodes.notice(stored(classes=PI))
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"affinity": on("pi-1")}, "pi"),
        ({"affinity": on("fast")}, "server"),
        ({"affinity": on("pi-1", "fast")}, None),
        ({"affinity": on("gone")}, None),
        ({"affinity": on("fresh")}, None),
        ({"nodeName": "pi-1"}, "pi"),
        ({"nodeName": "gone"}, None),
        ({"nodeSelector": {NODE_CLASS: "server"}}, "server"),
        ({"nodeSelector": {NODE_CLASS: "none"}}, None),
        ({"affinity": None}, None),
        ({"affinity": {"podAffinity": {}}}, None),
        ({"affinity": {"nodeAffinity": "broken"}}, None),
        ({}, None),
    ],
)
def test_the_class_of_a_new_pod(spec: dict[str, Any], kind: str | None, nodes: Nodes) -> None:
    assert nodes.class_of(pod(**spec)) == kind


def test_a_label_counts_once_it_has_stood(gateway: FakeGateway, stop: threading.Event) -> None:
    now = [NOW]
    made = Nodes(gateway, stop, clock=lambda: now[0])
    made.notice(stored(classes=PI))
    until(lambda: made.watch.synced)
    assert made.class_of(pod(affinity=on("fresh"))) is None
    now[0] += 60
    assert made.class_of(pod(affinity=on("fresh"))) == "pi"
