"""Which other controller would adopt a pod without one: every row of adopters.py's table."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.cluster.adopters import other_than_its_own
from scaler.cluster.snapshot import NOTHING
from tests.unit.scaler.builders import OWNER, owner, pod

CANARY = {"app": "web", "track": "canary"}
MATCHING: list[tuple[str, str, dict[str, Any]]] = [
    ("a ReplicationController, whose selector is a map", "ReplicationController", {"app": "web"}),
    ("a bare ReplicaSet", "ReplicaSet", {"matchLabels": {"app": "web"}}),
    ("a DaemonSet", "DaemonSet", {"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
]
OTHERS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("a StatefulSet", "StatefulSet", {"matchLabels": {"app": "web"}}, {}),
    ("other labels", "ReplicaSet", {"matchLabels": {**CANARY, "hash": "1"}}, {}),
    ("no selector", "ReplicationController", {}, {}),
    ("another namespace", "ReplicationController", {"app": "web"}, {"namespace": "else"}),
    ("its own", "ReplicationController", {"app": "web"}, {"uid": OWNER}),
    ("it is being deleted", "ReplicationController", {"app": "web"},
     {"deletionTimestamp": "2026-11-23T20:30:00Z"}),
]  # fmt: skip


def adopter(kind: str, selector: dict[str, Any], **meta: Any) -> str | None:
    metadata = {"name": "stable", "uid": "stable", "namespace": "shop", **meta}
    made = owner(metadata=metadata, spec={"selector": selector})
    key = (made.metadata.namespace, made.metadata.name)
    canary = pod("web-1")
    labelled = replace(canary, metadata=replace(canary.metadata, labels=CANARY))
    return other_than_its_own(replace(NOTHING, owners={kind: {key: made}}), labelled)


@pytest.mark.parametrize(("name", "kind", "selector"), MATCHING, ids=[c[0] for c in MATCHING])
def test_a_controller_adopts_what_its_selector_matches(
    name: str, kind: str, selector: dict[str, Any]
) -> None:
    assert adopter(kind, selector) == f"{kind} stable"


@pytest.mark.parametrize(("name", "kind", "selector", "meta"), OTHERS, ids=[c[0] for c in OTHERS])
def test_nobody_else_adopts_it(
    name: str, kind: str, selector: dict[str, Any], meta: dict[str, Any]
) -> None:
    assert adopter(kind, selector, **meta) is None
