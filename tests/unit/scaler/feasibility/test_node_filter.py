"""Where a pod may go: selectors, affinity, taints, and what rules a node out for every pod."""

import msgspec
import pytest

from kube import objects, timestamps
from scaler.feasibility import node_filter
from scaler.feasibility.fit import obstacle
from tests.unit.scaler.shapes import Json, cpus, node, pod


def in_terms(*terms: Json) -> Json:
    required = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}
    }
    return {"nodeAffinity": required}


def expression(key: str, operator: str, *values: str) -> Json:
    return in_terms({"matchExpressions": [{"key": key, "operator": operator, "values": values}]})


# One pod of 1 CPU on node a (4 CPU), replaced by one of 2 CPU; `b` is the other node.
PLACES: list[tuple[str, Json, Json, bool]] = [
    ("another node has room", {}, {}, True),
    ("the other node is cordoned", {}, {"unschedulable": True}, False),
    ("cordoned, but tolerated",
     {"tolerations": [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]},
     {"unschedulable": True}, True),
    ("the other node is not Ready", {}, {"ready": "Unknown"}, False),
    ("a taint", {}, {"taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]}, False),
    ("a taint that is only a preference", {},
     {"taints": [{"key": "k", "effect": "PreferNoSchedule"}]}, True),
    ("a taint that also evicts", {}, {"taints": [{"key": "k", "effect": "NoExecute"}]}, False),
    ("tolerated by value", {"tolerations": [{"key": "k", "value": "v", "effect": "NoSchedule"}]},
     {"taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]}, True),
    ("another value is tolerated", {"tolerations": [{"key": "k", "value": "w"}]},
     {"taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]}, False),
    ("another effect is tolerated", {"tolerations": [
        {"key": "k", "operator": "Exists", "effect": "NoExecute"}]},
     {"taints": [{"key": "k", "effect": "NoSchedule"}]}, False),
    ("everything is tolerated", {"tolerations": [{"operator": "Exists"}]},
     {"taints": [{"key": "k", "effect": "NoExecute"}]}, True),
    ("one of two taints is tolerated", {"tolerations": [{"key": "k", "operator": "Exists"}]},
     {"taints": [{"key": "k", "effect": "NoExecute"}, {"key": "l", "effect": "NoExecute"}]}, False),
    ("selected", {"nodeSelector": {"disk": "ssd"}}, {"labels": {"disk": "ssd"}}, True),
    ("not selected", {"nodeSelector": {"disk": "ssd"}}, {"labels": {"disk": "hdd"}}, False),
    ("In", {"affinity": expression("zone", "In", "x", "y")}, {"labels": {"zone": "y"}}, True),
    ("not In", {"affinity": expression("zone", "In", "x")}, {"labels": {"zone": "y"}}, False),
    ("In, no such label", {"affinity": expression("zone", "In", "x")}, {}, False),
    ("NotIn", {"affinity": expression("zone", "NotIn", "x")}, {"labels": {"zone": "y"}}, True),
    ("NotIn, no such label", {"affinity": expression("zone", "NotIn", "x")}, {}, True),
    ("NotIn, but it is", {"affinity": expression("zone", "NotIn", "x")},
     {"labels": {"zone": "x"}}, False),
    ("Exists", {"affinity": expression("zone", "Exists")}, {"labels": {"zone": ""}}, True),
    ("Exists not", {"affinity": expression("zone", "Exists")}, {}, False),
    ("DoesNotExist", {"affinity": expression("zone", "DoesNotExist")}, {}, True),
    ("DoesNotExist, but does", {"affinity": expression("zone", "DoesNotExist")},
     {"labels": {"zone": "x"}}, False),
    ("Gt", {"affinity": expression("cores", "Gt", "8")}, {"labels": {"cores": "16"}}, True),
    ("not Gt", {"affinity": expression("cores", "Gt", "16")}, {"labels": {"cores": "16"}}, False),
    ("Lt", {"affinity": expression("cores", "Lt", "17")}, {"labels": {"cores": "16"}}, True),
    ("not a number", {"affinity": expression("cores", "Lt", "17")}, {"labels": {"cores": "many"}},
     False),
    ("an operator of the future", {"affinity": expression("cores", "Near", "17")},
     {"labels": {"cores": "17"}}, False),
    ("bound to its own node, as a DaemonSet's pod", {"affinity": in_terms(
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]})},
     {}, False),
    ("bound to the other", {"affinity": in_terms(
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["b"]}]})},
     {}, True),
    ("one of two terms", {"affinity": in_terms(
        {"matchExpressions": [{"key": "no", "operator": "Exists"}]},
        {"matchExpressions": [{"key": "zone", "operator": "Exists"}]})},
     {"labels": {"zone": "x"}}, True),
    ("an empty term matches nothing", {"affinity": in_terms({})}, {}, False),
    ("no terms match nothing", {"affinity": in_terms()}, {}, False),
    ("only a preference of affinity",
     {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}}, {},
     True),
    ("the host's network", {"hostNetwork": True}, {}, False),
    ("still to begin", {"phase": "Pending"}, {}, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spec", "other", "fits"), PLACES, ids=[p[0] for p in PLACES])
def test_a_pod_may_go_to_a_node(name: str, spec: Json, other: Json, fits: bool) -> None:
    old = pod("web-1", "a", **spec)
    nodes = [node("a", "1500m"), node("b", **other)]
    got = obstacle([old], cpus(2000), nodes, [old])
    assert (got is None) is fits, got


@pytest.mark.parametrize(
    ("status", "since", "at", "short"),
    [
        ("True", 100, 100, True),
        ("True", 100, 75, True),
        ("True", 100, 70, True),
        ("True", 100, 69, False),
        ("False", 100, 90, True),
        ("False", 100, 100, True),
        ("False", 100, 101, False),
        ("False", 2000, 1100, True),
        ("False", 2000, 1099, False),
    ],
    ids=[
        *("now", "reported late", "as late as can be", "before"),
        *("it has ended since", "just as it ended", "after it"),
        *("as long as is assumed", "long before"),
    ],
)
def test_a_node_was_short_of_memory(status: str, since: int, at: int, short: bool) -> None:
    condition = {
        "type": "MemoryPressure",
        "status": status,
        "lastTransitionTime": timestamps.text(since),
    }
    other = {"type": "DiskPressure", "status": "True", "lastTransitionTime": timestamps.text(0)}
    found = msgspec.convert(
        {"metadata": {"name": "n"}, "status": {"conditions": [other, condition]}}, objects.Node
    )
    assert node_filter.short_of_memory(found, at) is short
    full = msgspec.convert(
        {"metadata": {"name": "n"}, "status": {"conditions": [other]}}, objects.Node
    )
    assert not node_filter.short_of_memory(full, at), "its disk is another matter"


HARD: Json = {"taints": [{"key": "k", "effect": "NoSchedule"}]}
SOFT: Json = {"taints": [{"key": "k", "effect": "PreferNoSchedule"}]}
TOLERATES: Json = {"tolerations": [{"key": "k", "operator": "Exists"}]}
ON_SSD: Json = {"nodeSelector": {"disk": "ssd"}}
SSD: Json = {"labels": {"disk": "ssd"}}


@pytest.mark.parametrize(
    ("spec", "there", "policies", "counted"),
    [
        (ON_SSD, SSD, ("Honor", "Ignore"), True),
        (ON_SSD, {}, ("Honor", "Ignore"), False),
        (ON_SSD, {}, ("Ignore", "Ignore"), True),
        ({}, HARD, ("Honor", "Ignore"), True),
        ({}, HARD, ("Honor", "Honor"), False),
        ({}, SOFT, ("Honor", "Honor"), True),
        (TOLERATES, HARD, ("Honor", "Honor"), True),
        ({}, {}, ("Honor", "Honor"), True),
    ],
    ids=[
        *("selected", "not selected", "not selected, which is not asked about"),
        *("tainted, which is not asked about", "tainted", "a preference", "tolerated", "plain"),
    ],
)
def test_a_spread_constraint_counts_a_node_by_its_policies(
    spec: Json, there: Json, policies: tuple[str, str], counted: bool
) -> None:
    selection = node_filter.Selection(pod("web-1", "a", **spec))
    assert selection.counts(node("b", **there), *policies) is counted


def test_a_node_that_says_nothing_was_not_short_of_memory() -> None:
    found = msgspec.convert({"metadata": {"name": "n"}}, objects.Node)
    assert not node_filter.short_of_memory(found, 0.0)
