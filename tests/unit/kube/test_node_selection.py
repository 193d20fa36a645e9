"""Which nodes a pod selects, and by which names."""

from typing import Any

import msgspec
import pytest

from kube.node_selection import NodeAffinity, NodeSelection

LABELS = {"disk": "ssd", "zone": "a"}
SSD = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
HDD = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["hdd"]}]}
ONE = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}
TWO = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]}
BOTH = {**SSD, **ONE}


def selection(selector: dict[str, str] | None, terms: list[Any] | None) -> NodeSelection:
    if terms is None:
        return NodeSelection(selector, None)
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return NodeSelection(selector, msgspec.convert(required, NodeAffinity))


@pytest.mark.parametrize(
    ("selector", "terms", "matches"),
    [
        (None, None, True),
        ({"disk": "ssd"}, None, True),
        ({"disk": "ssd", "zone": "b"}, None, False),
        (None, [SSD], True),
        (None, [HDD], False),
        (None, [HDD, SSD], True),
        (None, [{}], False),
        (None, [], False),
        (None, [ONE], True),
        (None, [TWO], False),
        (None, [BOTH], True),
        ({"disk": "hdd"}, [ONE], False),
    ],
)
def test_a_node_is_selected(
    selector: dict[str, str] | None, terms: list[Any] | None, matches: bool
) -> None:
    assert selection(selector, terms).matches("n1", LABELS) is matches


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        (None, None),
        ([], None),
        ([ONE], {"n1"}),
        ([ONE, TWO], {"n1", "n2"}),
        ([BOTH], {"n1"}),
        ([ONE, SSD], None),
    ],
)
def test_the_names_that_it_asks_for(terms: list[Any] | None, names: set[str] | None) -> None:
    assert selection(None, terms).names == names


def test_who_asks_for_nothing_selects_everything() -> None:
    assert selection(None, None).everything
    assert not selection({"a": "b"}, None).everything
    assert not selection(None, []).everything
    assert NodeSelection({}, NodeAffinity()).everything
