"""Answers about what has not changed are found once, and never stay when something has changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from kube import objects
from kube.memo import once
from scaler.cluster.snapshot import index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.feasibility import pod_requests
from scaler.feasibility.rescheduling import Nodes
from scaler.policies.table import NAMES
from scaler.watches import Observer
from store.model import Status, Workload
from tests.fakes import FakeGateway
from tests.unit.scaler.builders import NGINX, injected, ours, owner, pod, podsize, stored
from tests.unit.scaler.cluster.test_view import snapshot

WEB = Workload("v1", "ReplicationController", "shop", "web")


def test_a_question_is_asked_once_for_each_object() -> None:
    asked = []

    @once
    def name(found: objects.Pod) -> str:
        asked.append(found)
        return found.metadata.name

    one, other = pod("a", NGINX), pod("a", NGINX)
    assert [name(one), name(one), name(other)] == ["a", "a", "a"]
    assert len(asked) == 2, "equal objects are two"
    assert one == other


def test_what_was_found_out_does_not_go_with_a_copy() -> None:
    small = pod("a", NGINX)
    assert pod_requests.held(small).cpu == 250
    assert pod_requests.held(injected("a", stored())).cpu == 500


def seen(before: Mapping[Workload, View], **changed: Any) -> Mapping[Workload, View]:
    parts = {**PARTS, **changed}
    owners = {"ReplicationController": {("shop", "web"): parts["owner"]}}
    shot = snapshot(*parts["pods"], owners=owners, podsizes=(parts["podsize"],))
    return {v.workload: v for v in views(index(shot), NAMES, before)}


AUTO = ours({"mode": "auto"})
PARTS: dict[str, Any] = {
    "owner": owner(annotations=AUTO),
    "pods": (pod("a", NGINX), pod("b", NGINX)),
    "podsize": podsize(Status(size=stored())),
}


def test_a_workload_to_which_nothing_happened_is_the_same_view() -> None:
    before = seen({})
    assert seen(before)[WEB] is before[WEB]


@pytest.mark.parametrize(
    "changed",
    [
        {"owner": owner(annotations=AUTO)},
        {"pods": PARTS["pods"][:1]},
        {"pods": (PARTS["pods"][0], pod("b", NGINX))},
        {"podsize": podsize(Status(size=stored()))},
    ],
    ids=["the workload", "a pod gone", "another pod", "the PodSize"],
)
def test_another_object_is_another_view_even_where_it_is_equal(
    changed: dict[str, object],
) -> None:
    before = seen({})
    assert seen(before, **changed)[WEB] is not before[WEB]


def test_nodes_are_looked_at_again_where_a_pod_or_a_node_is_another() -> None:
    first = snapshot(pod("a", NGINX))
    nodes = Nodes(first)
    assert Nodes.of(replace(first, limit_ranges={}), nodes) is nodes
    assert Nodes.of(replace(first, pods=dict(first.pods)), nodes) is not nodes
    assert Nodes.of(replace(first, nodes={}), nodes) is not nodes


TARGET = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"}
ANYTHING = msgspec.json.encode(
    {
        "metadata": {
            "name": "replicationcontroller-web",
            "namespace": "shop",
            "resourceVersion": "7",
        },
        "spec": {"workloadRef": TARGET, "scaleTargetRef": TARGET, "limits": []},
    }
)
"""An object of each kind that is watched."""


def test_a_snapshot_is_the_same_until_a_watch_has_brought_something() -> None:
    observer = Observer(FakeGateway(), lambda key: None)
    before = observer.snapshot()
    assert observer.snapshot() is before
    for watch in observer.watches():
        watch.put(ANYTHING)
        after = observer.snapshot()
        assert after is not before, watch.path
        before = after
