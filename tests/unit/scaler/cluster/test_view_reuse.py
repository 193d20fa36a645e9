"""A view is kept while nothing of its workload has changed."""

from collections.abc import Mapping
from typing import Any

import pytest

from scaler.cluster.snapshot import index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.policies.table import NAMES
from store.model import Status, Workload
from tests.unit.scaler.builders import NGINX, ours, owner, pod, podsize, stored
from tests.unit.scaler.snapshots import snapshot

WEB = Workload("v1", "ReplicationController", "shop", "web")


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
def test_another_object_means_another_view_even_where_it_is_equal(
    changed: dict[str, object],
) -> None:
    before = seen({})
    assert seen(before, **changed)[WEB] is not before[WEB]
