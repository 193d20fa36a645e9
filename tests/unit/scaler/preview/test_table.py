"""The report as a table."""

import pytest

from scaler.preview import table
from tests.unit.scaler.preview.test_outcome import observing, rows


def test_it_is_read_as_a_table() -> None:
    found = observing(rows((10, 100.0), (5, 500.0), (10, 700.0)))
    lines = table.text([found]).splitlines()
    assert lines[1].split() == [
        *("shop/replicationcontroller/web", "nginx", "25m", "1", "2"),
        *("250m", "->", "500m", "64Mi", f"{found.containers[0].as_it_is.throttled:.0f}"),
        *("->", "0", "0", "->", "0"),
    ]
    assert "in all: 2 pods replaced" in lines[3]
    assert lines[4].strip() == "CPU: 500m more (500m as it is)"
    assert lines[5].strip() == "memory: as now (128Mi as it is)"


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0m"), (59, "59m"), (60, "1h 0m"), (1440, "1d 0h"), (3100, "2d 3h")]
)
def test_durations(minutes: int, text: str) -> None:
    assert table.duration(minutes) == text


def test_a_container_without_usage_has_a_row_and_no_figures() -> None:
    lines = table.text([observing([])]).splitlines()
    assert lines[1].split() == ["shop/replicationcontroller/web", "nginx", "none"]
    assert lines[-1].startswith("Not known")


def test_less_than_a_day_is_said() -> None:
    assert "only 25m are known" in table.text([observing(rows((25, 100.0)))])
    assert "are known" not in table.text([observing(rows((1440, 100.0)))])
