"""Other autoscalers: what they own, and that it is left alone."""

from typing import Any

import msgspec
import pytest

from kube import objects
from scaler.cluster.autoscalers import Others, others_in, others_of
from scaler.cluster.snapshot import Snapshot
from scaler.model import Evict, Wait, Write
from store.model import Phase, Status, Workload
from store.reasons import Reason
from tests.unit.scaler.builders import hand, pod, stored, view
from tests.unit.scaler.cycles import context, planned, using

WEB = Workload("apps/v1", "Deployment", "shop", "web")
REF = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}


def of(name: str, container: str = "") -> dict[str, Any]:
    """A metric on a resource, of one container or of all."""
    if container:
        return {
            "type": "ContainerResource",
            "containerResource": {"name": name, "container": container},
        }
    return {"type": "Resource", "resource": {"name": name}}


def horizontal(*metrics: dict[str, Any], ref: dict[str, str] = REF) -> objects.HorizontalAutoscaler:
    body = {
        "metadata": {"name": "hpa", "namespace": "shop"},
        "spec": {"scaleTargetRef": ref, "metrics": [*metrics]},
    }
    return msgspec.convert(body, objects.HorizontalAutoscaler)


def vertical(
    mode: str | None = None, ref: dict[str, str] | None = REF
) -> objects.VerticalAutoscaler:
    spec: dict[str, Any] = {
        "targetRef": ref,
        "updatePolicy": {"updateMode": mode} if mode else None,
    }
    body = {"metadata": {"name": "vpa", "namespace": "shop"}, "spec": spec}
    return msgspec.convert(body, objects.VerticalAutoscaler)


def found(*, h: Any = None, v: Any = None, controller: Any = None) -> Others:
    """Those of `web`, which `controller` may have made."""
    key = ("shop", "x")
    snapshot = Snapshot({}, {}, {}, {}, {}, {}, {}, {key: h} if h else {}, {key: v} if v else {})
    references = [{**controller, "uid": "u", "controller": True}] if controller else None
    meta = msgspec.convert({"name": "web", "ownerReferences": references}, objects.Meta)
    return others_of(others_in(snapshot), WEB, meta) or Others()


PODS = {"type": "Pods", "pods": {"metric": {"name": "requests_per_second"}}}


@pytest.mark.parametrize(
    ("name", "metrics", "cpu", "memory"),
    [
        ("cpu", [of("cpu")], True, False),
        ("memory", [of("memory")], False, True),
        ("both", [of("cpu"), of("memory")], True, True),
        ("this container's", [of("cpu", "app")], True, False),
        ("another container's", [of("cpu", "side")], False, False),
        ("other metrics", [PODS], False, False),
        ("another resource", [of("ephemeral-storage")], False, False),
        ("no metrics", [], False, False),
    ],
)
def test_a_horizontal_autoscaler_owns_the_resources_of_its_metrics(
    name: str, metrics: list[dict[str, Any]], cpu: bool, memory: bool
) -> None:
    others = found(h=horizontal(*metrics))
    assert bool(others.on("app", "cpu")) is cpu
    assert bool(others.on("app", "memory")) is memory
    assert others.owner is None
    if cpu:
        assert others.on("app", "cpu") == "HorizontalPodAutoscaler hpa scales on its cpu"


@pytest.mark.parametrize(
    ("mode", "owns"),
    [
        (None, True),
        ("Auto", True),
        ("Recreate", True),
        ("Initial", True),
        ("InPlaceOrRecreate", True),
        ("Off", False),
    ],
)
def test_a_vertical_autoscaler_owns_the_workload_where_it_updates(
    mode: str | None, owns: bool
) -> None:
    message = found(v=vertical(mode)).owner
    assert ("VerticalPodAutoscaler vpa" in message if message else False) is owns


PARENT = {"apiVersion": "example.com/v1", "kind": "Widget", "name": "shop"}


def test_an_autoscaler_of_its_controller_owns_the_same() -> None:
    """A VerticalPodAutoscaler must name the topmost object that has replicas."""
    across = found(h=horizontal(of("cpu"), ref=PARENT), controller=PARENT)
    assert across.on("app", "cpu") and not across.on("app", "memory")
    assert "VerticalPodAutoscaler vpa" in (
        found(v=vertical(ref=PARENT), controller=PARENT).owner or ""
    )
    both = found(h=horizontal(of("cpu")), v=vertical(ref=PARENT), controller=PARENT)
    assert both.on("app", "cpu") and both.owner
    assert found(v=vertical("Off", ref=PARENT), controller=PARENT) == Others()


def test_an_autoscaler_of_what_only_looks_like_its_controller_owns_nothing() -> None:
    other = {**PARENT, "apiVersion": "example.org/v1"}
    assert found(v=vertical(ref=other), controller=PARENT) == Others()
    assert found(v=vertical(ref=PARENT)) == Others()


@pytest.mark.parametrize(
    "ref",
    [
        {**REF, "name": "shop"},
        {**REF, "kind": "StatefulSet"},
        {**REF, "apiVersion": "argoproj.io/v1alpha1"},
    ],
)
def test_an_autoscaler_of_another_object_owns_nothing(ref: dict[str, str]) -> None:
    assert found(h=horizontal(of("cpu"), ref=ref)).on("app", "cpu") is None
    assert found(v=vertical(ref=ref)).owner is None
    assert found(v=vertical(ref=None)).owner is None


def test_an_autoscaler_that_names_another_version_of_the_group_means_the_same_workload() -> None:
    assert found(h=horizontal(of("cpu"), ref={**REF, "apiVersion": "apps/v1beta2"})).on(
        "app", "cpu"
    )


HPA = Others({("", "cpu"): "hpa"})
VPA = Others(vertical="vpa")


def test_the_policy_leaves_a_resource_of_an_autoscaler_alone_however_hot_it_is() -> None:
    got = planned(view(others=HPA), context(using(nginx=490.0)))
    assert got.standing.reason is Reason.OTHER_AUTOSCALER and "hpa" in got.standing.message
    assert isinstance(got.action, Write) and got.action.status.size is None


def test_a_size_from_before_the_autoscaler_stays() -> None:
    status = Status(size=stored(3))
    got = planned(view(pod("a"), pod("b"), status=status, others=HPA), context(using(nginx=990.0)))
    assert isinstance(got.action, Evict) and got.action.size == stored(3)


def test_a_size_by_hand_wins_over_a_horizontal_autoscaler() -> None:
    got = planned(view(by_hand=[hand(cpu=(500, 1000))], others=HPA))
    assert got.standing.reason is Reason.MANUAL
    assert isinstance(got.action, Write) and got.action.status.size is not None


def test_a_workload_that_a_vertical_autoscaler_updates_gets_no_decision_and_loses_no_pod() -> None:
    status = Status(size=stored(3))
    seen = view(pod("a"), pod("b"), status=status, others=VPA, by_hand=[hand(cpu=(600, 900))])
    got = planned(seen, context(using(nginx=990.0)))
    assert (got.standing.phase, got.standing.reason) == (Phase.BLOCKED, Reason.OTHER_AUTOSCALER)
    assert isinstance(got.action, Write) and got.action.status.size == stored(3)
    rested = planned(view(pod("a"), pod("b"), status=got.action.status, others=VPA))
    assert isinstance(rested.action, Wait)
