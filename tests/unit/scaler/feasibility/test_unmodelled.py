"""What only the scheduler knows of other nodes: then a pod's own node has to do."""

from typing import Any

import pytest

from kube import objects
from scaler.feasibility import unmodelled
from scaler.feasibility.fit import Known, NodeCapacity, obstacle
from tests.unit.scaler.shapes import Json, cpus, node, pod, requests

CLAIM: Json = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "d"}}]}
EPHEMERAL: Json = {"volumes": [{"name": "tmp", "ephemeral": {}}]}
DEVICE: Json = {"containers": [{"name": "main", "resources": {"claims": [{"name": "gpu"}]}}]}
SHARED: Json = {"resourceClaims": [{"name": "gpu", "resourceClaimName": "one"}]}


def claim(phase: str = "Bound", **meta: Any) -> dict[objects.Key, objects.Claim]:
    found = objects.Claim(objects.Meta(name="d", **meta), status=objects.ClaimStatus(phase))
    return {("shop", "d"): found}


BEYOND: list[tuple[str, Json, str]] = [
    ("a claim", CLAIM, "the persistent volume claim of volume data"),
    ("an ephemeral volume", EPHEMERAL, "the ephemeral volume tmp"),
    ("a resource claim", DEVICE, "a resource claim"),
    ("a resource claim of the pod", SHARED, "a resource claim"),
    ("one of an init container", {"initContainers": DEVICE["containers"]}, "a resource claim"),
]


@pytest.mark.parametrize(("name", "spec", "what"), BEYOND, ids=[b[0] for b in BEYOND])
def test_what_is_not_known_of_other_nodes_is_named(name: str, spec: Json, what: str) -> None:
    assert unmodelled.elsewhere(pod("web-1", "a", **spec)) == what


def test_of_a_pod_that_waits_for_a_node_not_even_one_is_known() -> None:
    waits = pod("web-1", None, **CLAIM)
    got = NodeCapacity([node("a")], [waits], Known(claims=claim())).obstacle([waits], {})
    assert got == (
        "where web-1 would go is not modelled: it has the persistent volume claim of volume data"
    )


MODELLED: list[tuple[str, Json]] = [
    ("preferences", {"affinity": {"podAntiAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}}}),
    ("soft spread", {"topologySpreadConstraints": [{"whenUnsatisfiable": "ScheduleAnyway"}]}),
    ("other volumes", {"volumes": [{"name": "h", "hostPath": {"path": "/x"}}, {"name": "e"}]}),
    ("a device", {"containers": [requests("main", **{"example.com/gpu": "1"})]}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spec"), MODELLED, ids=[s[0] for s in MODELLED])
def test_everything_else_is_modelled(name: str, spec: Json) -> None:
    assert unmodelled.elsewhere(pod("web-1", "a", **spec)) is None


AT_HOME: list[tuple[str, Json, dict[objects.Key, objects.Claim], str | None]] = [
    ("a bound claim", CLAIM, claim(), None),
    ("a bound claim beside other volumes",
     {"volumes": [{"name": "tmp", "emptyDir": {}}, *CLAIM["volumes"]]}, claim(), None),
    ("a claim that is gone", CLAIM, {}, "d, which is not there"),
    ("a claim that is being deleted", CLAIM, claim(deletion_timestamp="2026-11-23T20:30:00Z"),
     "which is being deleted"),
    ("a claim whose volume is gone", CLAIM, claim("Lost"), "which is Lost"),
    ("a claim that waits for a volume", CLAIM, claim(""), "d, which is unbound"),
    ("a claim that is gone, after another volume",
     {"volumes": [{"name": "tmp", "emptyDir": {}}, *CLAIM["volumes"]]}, {},
     "d, which is not there"),
    ("an ephemeral volume", EPHEMERAL, {}, "ephemeral volume tmp"),
    ("a resource claim", DEVICE, {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spec", "claims", "why"), AT_HOME, ids=[a[0] for a in AT_HOME])
def test_a_pods_own_node_is_known_to_be_right_or_the_reason_why_not(
    name: str, spec: Json, claims: dict[objects.Key, objects.Claim], why: str | None
) -> None:
    old = pod("web-1", "a", **spec)
    got = NodeCapacity([node("a"), node("b", "64")], [old], Known(claims=claims))
    found = got.obstacle([old], cpus(2000))
    assert (found is None) is (why is None), found
    if why is not None:
        assert f"where web-1 would go is not modelled: it has {'the ' if 'd' in why else ''}" in (
            found or ""
        )
        assert why in (found or "")


def test_only_its_own_node_counts_however_much_room_others_have() -> None:
    old = pod("web-1", "a", **CLAIM)
    capacity = NodeCapacity([node("a", "1500m"), node("b", "64")], [old], Known(claims=claim()))
    assert capacity.obstacle([old], cpus(1500)) is None
    assert capacity.obstacle([old], cpus(1501)) == (
        "no node has room for web-1 with 1501m CPU and 1Gi memory (1 with too little cpu, "
        "1 not known to be right for the persistent volume claim of volume data, "
        "at most 1500m CPU free)"
    )


@pytest.mark.parametrize(
    "there",
    [[], [node("a", unschedulable=True)], [node("a", ready="False")]],
    ids=["it is gone", "it is cordoned", "it is not Ready"],
)
def test_a_node_that_does_not_take_it_again_is_no_place(there: list[objects.Node]) -> None:
    old = pod("web-1", "a", **DEVICE)
    assert obstacle([old], {}, [*there, node("b")], [old]) is not None
