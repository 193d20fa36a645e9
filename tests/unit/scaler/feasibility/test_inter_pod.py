"""What pods require of each other: every row of inter_pod.py's table, evicted and beside."""

from typing import Any

import pytest

from kube import objects
from scaler.feasibility.fit import Known, NodeCapacity
from tests.unit.scaler.shapes import Json, cpus, node, pod

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def term(**given: Any) -> Json:
    key = {"topologyKey": "kubernetes.io/hostname"}
    return {"labelSelector": {"matchLabels": {"app": "web"}}, **key, **given}


def apart(**given: Any) -> Json:
    return {"affinity": {"podAntiAffinity": {REQUIRED: [term(**given)]}}}


def together(**given: Any) -> Json:
    return {"affinity": {"podAffinity": {REQUIRED: [term(**given)]}}}


def spread(**given: Any) -> Json:
    return {"topologySpreadConstraints": [
        {"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", **term(), **given}
    ]}  # fmt: skip


def named(app: str) -> Json:
    return {"metadata": {"labels": {"app": app}}}


DB: Json = {"labelSelector": {"matchLabels": {"app": "db"}}}
ZONE: Json = {"topologyKey": "zone"}
A, B = node("a", labels={"zone": "1"}), node("b", labels={"zone": "1"})
C = node("c", labels={"zone": "2"})
TAINTED = node("t", taints=[{"key": "k", "effect": "NoSchedule"}])
SELF: list[objects.Pod] = [pod("web-2", "b", **apart())]
NO = "no node has room"

CASES: list[tuple[str, Json, list[objects.Node], list[objects.Pod], str | None, str | None]] = [
    # what web-1 on node a requires, nodes, other pods; why not evicted; why not beside
    ("apart from itself, one node", apart(), [A], [], None, "that its anti-affinity selects"),
    ("as many as nodes", apart(), [A, B], SELF, None, "2 near a pod that"),
    ("a node more", apart(), [A, B, C], SELF, None, None),
    ("apart by zone", apart(**ZONE), [A, B], [], None, "2 near a pod that"),
    ("a second zone", apart(**ZONE), [A, C], [], None, None),
    ("apart from others that came since", apart(**DB), [A], [pod("db", "a", **named("db"))],
     "that its anti-affinity selects", "that its anti-affinity selects"),
    ("repelled by a newcomer", {}, [A], [pod("x", "a", **apart(), **named("x"))],
     "near a pod in shop that repels it", "repels it"),
    ("repelled by the second of two", {}, [A],
     [pod("y", "a", **apart(**DB), **named("y")), pod("x", "a", **apart(), **named("x"))],
     "near a pod in shop that repels it", "repels it"),
    ("repelled by one of another kind with the same term", apart(), [A],
     [pod("x", "a", **apart(), **named("x"))],
     "near a pod in shop that repels it", "that its anti-affinity selects"),
    ("repelled elsewhere", {}, [A, B], [pod("x", "b", **apart(), **named("x"))], None, None),
    ("together with one that is there", together(**DB), [A, B],
     [pod("db", "a", **named("db"))], None, None),
    ("together with one that has gone", together(**DB), [A], [],
     "(1 near no pod that its affinity selects", "(1 near no pod that its affinity selects"),
    ("together with one elsewhere", together(**DB), [A], [pod("db", "b", **named("db"))],
     "near no pod", "near no pod"),
    ("together with itself, alone", together(), [A], [], None, None),
    ("together with itself, and its node is full", together(), [node("a", "1"), B], [],
     None, "1 near no pod"),
    ("together with its like, elsewhere", together(), [A, B], [pod("web-2", "b")], None, None),
    ("spread, alone", spread(), [A], [], None, None),
    ("spread, even", spread(), [A, B], [pod("web-2", "b")], None, None),
    ("spread, and the other node is full", spread(), [A, node("b", "1")], [],
     None, "allows no more"),
    ("spread, two are on its own node", spread(), [A, node("b", "1")],
     [pod("web-2", "a"), pod("web-3", "a"), pod("web-4", "b")], "allows no more", "allows no more"),
    ("spread, one more or two are allowed", spread(maxSkew=2), [A, node("b", "1")],
     [pod("web-2", "a")], None, "allows no more"),
    ("spread, a node that it cannot have does not count",
     spread() | {"nodeSelector": {"zone": "1"}}, [A, C], [pod("web-2", "a")], None, None),
    ("… but where that is ignored",
     spread(nodeAffinityPolicy="Ignore") | {"nodeSelector": {"zone": "1"}}, [A, C],
     [pod("web-2", "a")], "allows no more", "allows no more"),
    ("spread, a taint that it does not tolerate counts", spread(), [A, TAINTED],
     [pod("web-2", "a")], "allows no more", "allows no more"),
    ("… but where that is honoured", spread(nodeTaintsPolicy="Honor"), [A, TAINTED],
     [pod("web-2", "a")], None, None),
    ("spread, others have moved together", spread(**ZONE), [A, C],
     [pod("web-2", "a"), pod("web-3", "a")], None, None),
    ("spread, and the empty one is out of reach", spread(), [A, node("b", unschedulable=True)],
     [pod("web-2", "a")], "allows no more", "allows no more"),
    ("spread over more domains than there are", spread(minDomains=2), [A], [],
     None, "allows no more"),
    ("spread, a node without the label", spread(**ZONE), [A, node("z")], [], None, None),
    ("spread, terminating ones do not count", spread(), [A, node("b", "1")],
     [pod("web-2", "a", metadata={"deletionTimestamp": "2026-11-23T20:30:00Z"})], None,
     "allows no more"),
    ("spread of a revision", spread(matchLabelKeys=["hash"]), [A, node("b", "1")],
     [pod("web-2", "a", metadata={"labels": {"app": "web", "hash": "old"}})],
     None, "allows no more"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_a_replacement_has_a_node_or_the_reason_why_not(case: Any) -> None:
    name, spec, nodes, others, evicted, beside = case
    labels = {"app": "web"} | ({"hash": "new"} if "revision" in name else {})
    old = pod("web-1", "a", metadata={"labels": labels}, **spec)
    capacity = NodeCapacity(nodes, [old, *others])
    for got, why in (
        (capacity.obstacle([old], cpus(1100)), evicted),
        (capacity.beside(old, cpus(1100)), beside),
    ):
        assert (got is None) is (why is None), got
        assert why is None or why in (got or "")


def test_a_pod_that_is_spread_alone_in_its_namespace_has_every_node() -> None:
    waits = pod("web-1", None, **spread())
    assert NodeCapacity([A, C], []).obstacle([waits], {}) is None


@pytest.mark.parametrize(("tier", "repelled"), [("front", True), ("back", False)])
def test_a_pod_elsewhere_repels_those_of_the_namespaces_that_its_term_is_about(
    tier: str, repelled: bool
) -> None:
    about = {"namespaceSelector": {"matchLabels": {"tier": "front"}}}
    other = pod("x", "a", **apart(**about), metadata={"namespace": "other", "labels": {}})
    known = Known({"shop": {"tier": tier}, "other": {"tier": "front"}})
    old = pod("web-1", "a")
    got = NodeCapacity([A], [old, other], known).obstacle([old], {})
    assert ("near a pod in other that repels it" in (got or "")) is repelled


NAMESPACES: list[tuple[str, Json, dict[str, str] | None, bool]] = [
    ("its own", {}, None, False),
    ("another by name", {"namespaces": ["other"]}, None, True),
    ("by label", {"namespaceSelector": {"matchLabels": {"a": "b"}}}, {"a": "b"}, True),
    ("by another label", {"namespaceSelector": {"matchLabels": {"a": "b"}}}, {}, False),
    ("by label, of a namespace that is not known",
     {"namespaceSelector": {"matchLabels": {"a": "b"}}}, None, True),
    ("all", {"namespaceSelector": {}}, {}, True),
    ("no selector selects nobody", {"namespaces": ["other"], "labelSelector": None}, None, False),
]  # fmt: skip


@pytest.mark.parametrize("case", NAMESPACES, ids=[n[0] for n in NAMESPACES])
def test_terms_are_about_some_namespaces(case: Any) -> None:
    _, given, labels, hit = case
    old = pod("web-1", "a", **apart(**given))
    other = pod("web-9", "a", metadata={"namespace": "other"})
    known = Known({} if labels is None else {"other": labels})
    got = NodeCapacity([A], [old, other], known).obstacle([old], {})
    assert (got is not None) is hit, got


def test_pods_that_repel_each_other_stay_where_they_are_though_another_node_has_more_room() -> None:
    pods = [pod("web-1", "a", **apart()), pod("web-2", "b", **apart())]
    capacity = NodeCapacity([node("a", "2"), node("b", "2"), node("c", "9")], pods)
    assert capacity.obstacle(pods, cpus(2000)) is None
    # Node c has room for one of them only, and both have outgrown their own.
    assert capacity.obstacle(pods[:1], cpus(3000)) is None
