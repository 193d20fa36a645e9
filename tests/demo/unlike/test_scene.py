"""The rate of requests at which slow kinds need more than their manifest says."""

import pytest

from tests.demo.unlike.nodes import Used
from tests.demo.unlike.report import Row
from tests.demo.unlike.scene import FASTEST, SLOWEST, rate_from


def row(node: str, cpu: float) -> Row:
    return Row("double", node, 100, Used(cpu, 0.0), answers=99, asked=100, median=0.004)


@pytest.mark.parametrize(
    ("used", "rate"),
    [
        ({"v2": 50.0, "pi": 80.0}, 52.8),  # 24 x 110m / 50m: the quickest of them counts
        ({"v2": 0.0, "pi": 0.0}, FASTEST),
        ({"v2": 7000.0, "pi": 9000.0}, SLOWEST),
    ],
)
def test_the_quickest_of_the_slow_kinds_needs_more_than_it_has(
    used: dict[str, float], rate: float
) -> None:
    assert rate_from([row(node, cpu) for node, cpu in used.items()]) == rate


def test_of_several_pods_on_a_node_the_busiest_counts() -> None:
    assert rate_from([row("v2", 20.0), row("v2", 50.0)]) == 52.8
