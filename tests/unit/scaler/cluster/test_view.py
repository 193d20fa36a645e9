"""Which workloads there are in a snapshot, and what belongs to each: view.py's table."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from kube import objects, pods
from scaler.annotations.options import BadAnnotation, Mode, Settings
from scaler.cluster import pod_sizes
from scaler.cluster.snapshot import Snapshot, index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.policies.table import NAMES
from store import annotations, stamp
from store.model import PodSize, Workload
from tests.unit.scaler.builders import (
    DOUBLED,
    NGINX,
    ours,
    owner,
    pod,
    podsize,
    size,
)

AUTO = ours({"mode": "auto"})


def snapshot(
    *pods: objects.Pod,
    owners: Mapping[str, Mapping[tuple[str, str], objects.Owner]] | None = None,
    namespace: Mapping[str, str] | None = None,
    podsizes: tuple[PodSize, ...] = (),
) -> Snapshot:
    meta = {"metadata": {"name": "shop", "annotations": namespace or {}}}
    return Snapshot(
        owners or {},
        {("shop", p.metadata.name): p for p in pods},
        {("", "shop"): msgspec.convert(meta, objects.Namespace)},
        {},
        {},
        {("shop", p.name): p for p in podsizes},
    )


def found(shot: Snapshot) -> dict[str, View]:
    return {f"{v.workload.kind}/{v.workload.name}": v for v in views(index(shot), NAMES)}


def one(kind: str, made: objects.Owner, **more: Any) -> dict[str, View]:
    return found(snapshot(owners={kind: {("shop", made.metadata.name): made}}, **more))


KINDS = ["ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_enrolled_by_its_own_annotation(kind: str) -> None:
    assert list(one(kind, owner(annotations=AUTO))) == [f"{kind}/web"]
    assert one(kind, owner()) == {}


def test_or_by_its_templates_or_namespaces() -> None:
    assert one("Deployment", owner(on_template=AUTO))
    assert one("Deployment", owner(), namespace=AUTO)


def test_it_is_seen_while_it_has_a_podsize() -> None:
    seen = one("ReplicationController", owner(), podsizes=(podsize(),))
    assert seen["ReplicationController/web"].settings is None


def test_and_when_it_does_not_exist_without_an_owner() -> None:
    seen = found(snapshot(podsizes=(podsize(),)))
    assert seen["ReplicationController/web"].owner is None


def controlled(kind: str, version: str) -> objects.Owner:
    reference = {"kind": kind, "name": "x", "uid": "x", "apiVersion": version, "controller": True}
    return owner(annotations=AUTO, metadata={"ownerReferences": [reference]})


@pytest.mark.parametrize(
    ("kind", "by", "there", "foreign"),
    [
        ("ReplicaSet", ("Deployment", "apps/v1"), False, False),
        ("ReplicaSet", ("Rollout", "argoproj.io/v1alpha1"), True, True),
        ("ReplicaSet", ("Deployment", "example.com/v1"), True, True),
        ("StatefulSet", ("Prometheus", "monitoring.coreos.com/v1"), True, False),
        ("Deployment", ("Deployment", "apps/v1"), True, False),
    ],
    ids=["a Deployment's set", "a Rollout's", "another Deployment", "an operator's", "nested"],
)
def test_whose_controller_counts(
    kind: str, by: tuple[str, str], there: bool, foreign: bool
) -> None:
    seen = one(kind, controlled(*by))
    assert bool(seen) is there
    assert not there or seen[f"{kind}/web"].foreign is foreign


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


def test_finished_pods_do_not_count_and_the_oldest_comes_first() -> None:
    old, new = pod("b", created="2026-11-23T10:00:00Z"), pod("a", created="2026-11-23T11:00:00Z")
    done = [pod(p, phase=p) for p in ("Succeeded", "Failed")]
    assert pods.living([new, *done, old]) == (old, new)


def test_settings_come_with_all_mistakes() -> None:
    seen = one("Deployment", owner(annotations=ours({"mode": "atuo"})))
    assert isinstance(seen["Deployment/web"].settings, BadAnnotation)
    settings = one("Deployment", owner(annotations=AUTO))["Deployment/web"].settings
    assert isinstance(settings, Settings) and settings.mode is Mode.AUTO


@pytest.mark.parametrize(
    ("kind", "made", "wanted"),
    [
        ("Deployment", owner(replicas=3), 3),
        ("Deployment", owner(spec={"replicas": None}), 1),
        ("DaemonSet", owner(status={"desiredNumberScheduled": 4}), 4),
    ],
    ids=["as many as it says", "one by default", "a daemon on each node"],
)
def test_how_many_pods_are_wanted(kind: str, made: objects.Owner, wanted: int) -> None:
    view = View(Workload("apps/v1", kind, "shop", "web"), made, None, None)
    assert view.desired_replicas == wanted
    assert replace(view, owner=None).desired_replicas == 0


class TestOnePod:
    """pod_sizes.py"""

    @pytest.mark.parametrize(
        ("text", "revision"),
        [
            ("3", 3),
            ("0", 0),
            ("", None),
            ("-1", None),
            ("x", None),
            ("\u00b2", None),
            ("9" * 99, None),
        ],
    )
    def test_a_stamped_revision(self, text: str, revision: int | None) -> None:
        made = msgspec.structs.replace(
            pod().metadata, annotations={annotations.SIZE_REVISION: text}
        )
        assert stamp.stamped_revision(msgspec.structs.replace(pod(), metadata=made)) == revision

    def test_what_it_came_with(self) -> None:
        had = {"nginx": DOUBLED, "mesh": size((1, 1))}
        assert pod_sizes.came_with(pod("a", had)) == had
        assert pod_sizes.came_with(pod("a", had, stamp_of=(1, NGINX))) == {**had, **NGINX}

    def test_a_stamp_that_cannot_be_read_is_none(self) -> None:
        meta = msgspec.structs.replace(pod().metadata, annotations={annotations.BASIS: "{"})
        broken = msgspec.structs.replace(pod(), metadata=meta)
        assert stamp.stamped_basis(broken) is None and pod_sizes.came_with(broken) == NGINX

    def test_sidecars_run_side_by_side(self) -> None:
        has = {**NGINX, "mesh": size(), "setup": size()}
        made = pod("a", has, init={"mesh": {"restartPolicy": "Always"}, "setup": {}})
        assert pods.counted(made) == ["nginx", "mesh"]
