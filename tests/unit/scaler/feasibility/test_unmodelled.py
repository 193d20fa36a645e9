"""Not modelled: such pods do not fit, and the message names the reason."""

from typing import Any

import pytest

from scaler.feasibility.fit import obstacle
from tests.unit.scaler.shapes import Json, node, pod, requests


def term(**given_: Any) -> Json:
    return {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "zone", **given_}


def apart(**given_: Any) -> Json:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [term(**given_)]}
    return {"affinity": {"podAntiAffinity": required}}


BEYOND: list[tuple[str, Json, str]] = [
    ("pod affinity", {"affinity": {"podAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [term()]}}}, "required pod affinity"),
    ("pod anti-affinity", apart(), "required pod anti-affinity"),
    ("hard spread", {"topologySpreadConstraints": [{"whenUnsatisfiable": "DoNotSchedule"}]},
     "DoNotSchedule"),
    ("a claim", {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "d"}}]},
     "persistent volume claim of volume data"),
    ("an ephemeral volume", {"volumes": [{"name": "tmp", "ephemeral": {}}]},
     "ephemeral volume tmp"),
    ("an extended resource", {"containers": [requests("main", **{"nvidia.com/gpu": "1"})]},
     "extended resource nvidia.com/gpu"),
    ("hugepages", {"initContainers": [requests("i", **{"hugepages-2Mi": "1"})]},
     "hugepages-2Mi"),
    ("a resource claim", {"containers": [
        {"name": "main", "resources": {"claims": [{"name": "gpu"}]}}]}, "resource claim"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spec", "part"), BEYOND, ids=[b[0] for b in BEYOND])
def test_an_unmodelled_pod_is_no_fit_and_the_message_says_why(
    name: str, spec: Json, part: str
) -> None:
    old = pod("web-1", "a", **spec)
    got = obstacle([old], {}, [node("a")], [old])
    assert got is not None
    assert "web-1 would go is not modelled" in got
    assert part in got


SOFT: list[tuple[str, Json]] = [
    ("preferences", {"affinity": {"podAntiAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}}}),
    ("soft spread", {"topologySpreadConstraints": [{"whenUnsatisfiable": "ScheduleAnyway"}]}),
    ("other volumes", {"volumes": [{"name": "h", "hostPath": {"path": "/x"}}, {"name": "e"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spec"), SOFT, ids=[s[0] for s in SOFT])
def test_scheduling_preferences_do_not_make_a_pod_unmodelled(name: str, spec: Json) -> None:
    old = pod("web-1", "a", **spec)
    assert obstacle([old], {}, [node("a")], [old]) is None


REPELLING: list[tuple[str, Json, bool]] = [
    ("means our pod", {}, True),
    ("means other labels", {"labelSelector": {"matchLabels": {"app": "db"}}}, False),
    ("means everything", {"labelSelector": {}}, True),
    ("means nothing", {"labelSelector": None}, False),
    ("by expression", {"labelSelector": {"matchExpressions": [
        {"key": "app", "operator": "In", "values": ["web"]}]}}, True),
    ("names another namespace", {"namespaces": ["other"]}, False),
    ("names ours", {"namespaces": ["other", "shop"]}, True),
    ("selects namespaces", {"namespaceSelector": {"matchLabels": {"a": "b"}}}, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given_", "hit"), REPELLING, ids=[r[0] for r in REPELLING])
def test_the_anti_affinity_of_other_pods_counts(name: str, given_: Json, hit: bool) -> None:
    old = pod("web-1", "a")
    other = pod("other", "a", **apart(**given_), metadata={"labels": {}})
    got = obstacle([old], {}, [node("a")], [old, other])
    assert (got is not None and "anti-affinity of other pods in shop" in got) is hit, got
