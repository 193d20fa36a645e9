"""Which workloads there are in a snapshot, and what belongs to each: the table of views.py."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kube import objects
from scaler.annotations.options import BadAnnotation, Mode, Settings
from scaler.cluster.snapshot import Snapshot, index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.policies.table import NAMES
from store.model import Status, Workload
from tests.unit.scaler.builders import NGINX, ours, owner, pod, podsize, stored
from tests.unit.scaler.snapshots import snapshot

AUTO = ours({"mode": "auto"})


def found(shot: Snapshot) -> dict[str, View]:
    return {f"{v.workload.kind}/{v.workload.name}": v for v in views(index(shot), NAMES)}


def one(kind: str, made: objects.Owner, **more: Any) -> dict[str, View]:
    return found(snapshot(owners={kind: {("shop", made.metadata.name): made}}, **more))


KINDS = ["ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_enrolled_by_its_own_annotation(kind: str) -> None:
    assert list(one(kind, owner(annotations=AUTO))) == [f"{kind}/web"]
    assert one(kind, owner()) == {}


def test_a_workload_is_enrolled_by_the_annotation_of_its_template_or_namespace() -> None:
    assert one("Deployment", owner(on_template=AUTO))
    assert one("Deployment", owner(), namespace=AUTO)


def test_a_workload_that_is_no_longer_enrolled_is_seen_while_it_has_a_podsize() -> None:
    seen = one("ReplicationController", owner(), podsizes=(podsize(),))
    assert seen["ReplicationController/web"].settings is None


def test_a_podsize_without_a_workload_is_a_view_without_an_owner() -> None:
    seen = found(snapshot(podsizes=(podsize(),)))
    assert seen["ReplicationController/web"].owner is None


def controlled(kind: str, version: str) -> objects.Owner:
    reference = {"kind": kind, "name": "x", "uid": "x", "apiVersion": version, "controller": True}
    return owner(annotations=AUTO, metadata={"ownerReferences": [reference]})


@pytest.mark.parametrize(
    ("kind", "by", "there", "foreign"),
    [
        ("ReplicaSet", ("Deployment", "apps/v1"), False, None),
        ("ReplicaSet", ("Rollout", "argoproj.io/v1alpha1"), True, "Rollout x"),
        ("ReplicaSet", ("Deployment", "example.com/v1"), True, "Deployment x"),
        (
            "ReplicationController",
            ("DeploymentConfig", "apps.openshift.io/v1"),
            True,
            "DeploymentConfig x",
        ),
        ("StatefulSet", ("Prometheus", "monitoring.coreos.com/v1"), True, None),
        ("DaemonSet", ("ExtendedDaemonSet", "datadoghq.com/v1alpha1"), True, None),
        ("Deployment", ("Deployment", "apps/v1"), True, None),
    ],
)
def test_a_workload_with_a_controller_is_left_out_or_unmanaged(
    kind: str, by: tuple[str, str], there: bool, foreign: str | None
) -> None:
    seen = one(kind, controlled(*by))
    assert bool(seen) is there
    assert not there or seen[f"{kind}/web"].foreign == foreign


def test_pods_are_found_by_their_controller_alone() -> None:
    mine, other = pod("a"), pod("b", of="another")
    plain = msgspec.structs.replace(mine.metadata.owner_references[0], controller=False)  # type: ignore[index]
    meta = msgspec.structs.replace(mine.metadata, name="c", owner_references=[plain])
    no_controller = msgspec.structs.replace(mine, metadata=meta)
    shot = snapshot(
        mine,
        other,
        no_controller,
        owners={"ReplicationController": {("shop", "web"): owner(annotations=AUTO)}},
    )
    assert found(shot)["ReplicationController/web"].pods == (mine,)


def test_a_deployments_pods_are_those_of_its_sets() -> None:
    reference = {"kind": "Deployment", "name": "web", "uid": "d", "apiVersion": "apps/v1"}
    meta = {"name": "web-1", "uid": "s", "ownerReferences": [{**reference, "controller": True}]}
    deployment = owner(annotations=AUTO, metadata={"uid": "d"})
    shot = snapshot(
        pod("a", of="s"),
        pod("b", of="d"),
        owners={
            "Deployment": {("shop", "web"): deployment},
            "ReplicaSet": {("shop", "web-1"): owner(metadata=meta)},
        },
    )
    view = found(shot)["Deployment/web"]
    assert [p.metadata.name for p in view.pods] == ["a"]
    assert view.controllers == {"s"}


def test_the_settings_of_a_view_are_options_or_a_mistake() -> None:
    seen = one("Deployment", owner(annotations=ours({"mode": "atuo"})))
    assert isinstance(seen["Deployment/web"].settings, BadAnnotation)
    settings = one("Deployment", owner(annotations=AUTO))["Deployment/web"].settings
    assert isinstance(settings, Settings) and settings.mode is Mode.AUTO


WEB = Workload("v1", "ReplicationController", "shop", "web")


def seen(before: Mapping[Workload, View], **changed: Any) -> Mapping[Workload, View]:
    parts = {**PARTS, **changed}
    owners = {"ReplicationController": {("shop", "web"): parts["owner"]}}
    shot = snapshot(*parts["pods"], owners=owners, podsizes=(parts["podsize"],))
    return {v.workload: v for v in views(index(shot), NAMES, before)}


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


def test_of_pods_that_failed_only_the_newest_three_are_looked_at() -> None:
    failed = [
        pod(f"f{n}", phase="Failed", created=f"2026-11-23T20:{10 + n}:00Z") for n in range(40)
    ]
    shot = snapshot(
        pod("a"),
        *failed,
        owners={"ReplicationController": {("shop", "web"): owner(annotations=AUTO)}},
    )
    seen = next(iter(views(index(shot), NAMES)))
    assert [p.metadata.name for p in seen.pods] == ["a"]
    assert [p.metadata.name for p in seen.failed] == ["f39", "f38", "f37"]
    again = snapshot(
        pod("a"),
        *failed,
        pod("f40", phase="Failed", created="2026-11-23T21:00:00Z"),
        owners={"ReplicationController": {("shop", "web"): owner(annotations=AUTO)}},
    )
    later = next(iter(views(index(again), NAMES, {seen.workload: seen})))
    assert later.failed[0].metadata.name == "f40"
