"""Lines of the Prometheus text format as numbers: the table of exposition.py."""

import pytest

from scaler.usage.exposition import read

KEY = 'namespace="shop",pod="web-1",container="nginx"'


def lines(*given: str) -> list[object]:
    return [*read(given, ("used", "held"))]


def test_a_line_is_its_metric_container_value_and_time() -> None:
    found = lines(f"used{{{KEY}}} 1.5 1000", f"held{{{KEY}}} 2", f"other{{{KEY}}} 3")
    key = ("shop", "web-1", "nginx")
    assert found == [("used", key, 1.5, 1.0), ("held", key, 2.0, None)]


@pytest.mark.parametrize(
    "line",
    [
        f"used{{{KEY}}} NaN",
        f"used{{{KEY}}} +Inf",
        f"used{{{KEY}}} -1",
        'used{namespace="shop",pod="web-1"} 1',
        'used{pod="web-1",container="nginx"} 1',
        "used 1",
    ],
)
def test_what_is_no_number_of_a_container_is_left_out(line: str) -> None:
    assert lines(line) == []


@pytest.mark.parametrize("line", [f"used{{{KEY}}}", f"used{{{KEY} 1", "used{ 1"])
def test_what_is_not_of_the_format_breaks_the_answer(line: str) -> None:
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        lines(line)
