"""A row as it is in the file, and as it is read again."""

import pytest

from scaler.history import row
from scaler.history.row import Row


@pytest.mark.parametrize(
    "given",
    [
        Row(600, 60, 487.3, 512.0, 0.123, 64 * 1024, 128 * 1024, 250, 500, 2**26, 2**27),
        Row(0, 900, 0.0, 0.0),
        Row(60, 60, 0.1, 0.1, 0.0, 0, 0, None, 1, None, 2),
    ],
)
def test_a_row_is_read_as_it_was_written(given: Row) -> None:
    size = given.cpu_request, given.cpu_limit, given.memory_request, given.memory_limit
    assert row.read(given.at, row.stored(given), size) == given


def test_what_is_lost_in_rounding_makes_no_need_smaller() -> None:
    given = Row(0, 60, 99.96, 100.04, 0.99951, 1025, 1)
    got = row.read(0, row.stored(given), row.UNSIZED)
    assert (got.cpu_mean, got.cpu_max, got.throttled) == (100.0, 100.0, 1.0)
    assert (got.memory, got.working_set) == (2048, 1024)
