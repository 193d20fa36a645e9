"""A second pod never pushes a neighbour out."""

from typing import Any

import pytest

from kube import objects
from scaler.feasibility.fit import NodeCapacity
from tests.unit.scaler.shapes import Json, cpus, node, pod

CLAIM: Json = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "d"}}]}
SPREAD: Json = {"topologySpreadConstraints": [
    {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
     "labelSelector": {"matchLabels": {"app": "web"}}}
]}  # fmt: skip
PUSHES = "so that a second pod could push out shop/small"

CASES: list[tuple[str, Json, Json, str | None]] = [
    ("nobody is below", CLAIM, {}, None),
    ("somebody is", {**CLAIM, "priority": 1000}, {}, PUSHES),
    ("somebody without a priority is", {**CLAIM, "priority": 1}, {}, PUSHES),
    ("by a priority below zero", CLAIM, {"priority": -5}, PUSHES),
    ("it preempts nobody", {**CLAIM, "priority": 1000, "preemptionPolicy": "Never"}, {}, None),
    ("equal", {**CLAIM, "priority": 5}, {"priority": 5}, None),
    ("its nodes are known", {"priority": 1000}, {}, None),
]


@pytest.mark.parametrize(("name", "ours", "small", "why"), CASES, ids=[c[0] for c in CASES])
def test_where_only_the_scheduler_knows_nobody_may_be_below(
    name: str, ours: Json, small: Json, why: str | None
) -> None:
    old = pod("web-1", "a", **ours)
    got = NodeCapacity([node("a"), node("b")], [old, pod("small", "b", **small)])
    found = got.beside(old, {})
    assert (found is None) is (why is None), found
    assert why is None or why in (found or "")


@pytest.mark.parametrize("spec", [{}, SPREAD, CLAIM], ids=["plain", "spread", "a claim"])
def test_room_that_a_neighbour_of_lower_priority_has_is_not_free(spec: dict[str, Any]) -> None:
    old = pod("web-1", "a", "100m", priority=1000, **spec)
    neighbour: objects.Pod = pod("small", "a", "3700m")
    got = NodeCapacity([node("a")], [old, neighbour]).beside(old, cpus(300))
    assert "1 with too little cpu, at most 200m CPU free" in (got or "")
