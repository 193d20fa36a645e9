"""Usage from before a node got its class counts for none."""

import pytest

from scaler.sizing.evidence import Watched
from scaler.sizing.relabelled import MOVED, settled
from scaler.usage.window import Minute, NoMinute
from store import node_classes
from store.node_classes import NodeClasses
from tests.unit.scaler.builders import NOW, pod
from tests.unit.scaler.cycles import using
from tests.unit.scaler.kinds_of_node import AGO, on
from tests.unit.store.nodes import node

WATCHED = Watched(using(nginx=300), NOW)


@pytest.mark.parametrize(
    ("ago", "counts"), [(1.0, False), (MOVED - 1, False), (MOVED + 1, True), (-60.0, True)]
)
def test_a_minute_counts_once_it_is_from_after_the_label(ago: float, counts: bool) -> None:
    nodes = node_classes.of([node("pi-1", "pi", written=AGO + ago)], NOW)
    found = settled(WATCHED, nodes).minute_of(pod("a", **on("pi-1")), "nginx")
    assert isinstance(found, Minute) is counts
    if isinstance(found, NoMinute):
        assert found.message == f"its node has been of its class for {ago:.0f} s"


def test_without_labels_nothing_is_looked_at() -> None:
    assert settled(WATCHED, NodeClasses()) is WATCHED
