"""The nodes on which usage is read each interval."""

import pytest

from kube import objects
from scaler.planning import near_nodes
from scaler.sizing.evidence import MinuteOf
from scaler.usage.window import Minute, NoMinute
from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import asked, injected, stored, view

SIZE = stored()
PODS = (injected("a", SIZE, nodeName="one"), injected("b", SIZE, nodeName="two"))
VIEW = view(*PODS, status=Status(size=SIZE))
CALM = {id(VIEW)}


def uses(**millicores: float | None) -> MinuteOf:
    """Pods by name; their limit is a core."""

    def minute_of(pod: objects.Pod, container: str) -> Minute | NoMinute:
        mean = millicores[pod.metadata.name]
        return NoMinute(Reason.NO_USAGE, "") if mean is None else Minute(mean, 60.0, 1, 0.0)

    return minute_of


@pytest.mark.parametrize(
    ("a", "b", "near"),
    [
        (100.0, 200.0, set()),
        (100.0, 800.0, {"two"}),
        (900.0, 800.0, {"one", "two"}),
        (100.0, None, {"two"}),
    ],
)
def test_a_pod_that_is_near_makes_its_own_node_near(
    a: float | None, b: float | None, near: set[str]
) -> None:
    assert near_nodes.of([VIEW], CALM, uses(a=a, b=b)) == near


def test_while_something_is_under_way_all_nodes_of_the_workload_are() -> None:
    assert near_nodes.of([VIEW], (), uses(a=100.0, b=100.0)) == {"one", "two"}


def test_a_workload_whose_usage_is_not_asked_for_has_none() -> None:
    for settings in (None, asked(mode="off")):
        one = view(*PODS, settings=settings)
        assert near_nodes.of([one], (), uses(a=900.0, b=900.0)) == frozenset()
