"""The timeline of a container: stored rows, then readings, and no line over what is missing."""

import pytest
from msgspec.structs import replace

from scaler.history.row import Row
from scaler.page.timeline import Recent, series
from scaler.usage.window import Reading
from tests.page.fleet import minute
from tests.unit.scaler.builders import MI, NOW, size


def rows(*minutes_ago: int) -> list[Row]:
    return [minute(int(NOW) - 60 * m, 100.0, 250, 500) for m in minutes_ago]


def readings(*at_and_cpu: tuple[float, float]) -> list[Reading]:
    return [Reading(at, at + 1, cpu, 32 * MI, NOW - 3600) for at, cpu in at_and_cpu]


def test_a_stored_row_is_a_point_at_its_end_with_the_size_that_was_in_force() -> None:
    made = series(Recent("nginx"), rows(2))
    assert made.at == [NOW - 60] and made.cpu == [100.0] and made.cpu_max == pytest.approx([110.0])
    assert (made.cpu_request, made.cpu_limit) == ([250], [500])
    assert (made.memory, made.memory_limit) == ([70 * MI], [128 * MI])


def test_readings_are_rates_between_each_two_with_the_size_that_the_pod_has() -> None:
    made = series(
        Recent("nginx", readings((NOW - 30, 10.0), (NOW - 20, 15.0), (NOW - 10, 16.0)), size()), ()
    )
    assert made.at == [NOW - 19, NOW - 9] and made.cpu == [500.0, 100.0]
    assert made.cpu_limit == [500, 500] and made.memory == [32 * MI, 32 * MI]
    assert made.cpu_max == [None, None]


def test_where_both_are_known_the_readings_count() -> None:
    newer = readings((NOW - 90, 1.0), (NOW - 30, 2.0))
    made = series(Recent("nginx", newer, size()), rows(3, 2, 1))
    assert made.at == [NOW - 120, NOW - 60, NOW - 29]


@pytest.mark.parametrize(
    ("ago", "seconds", "gaps"),
    [
        ((5, 4, 3), 60, 0),
        ((5, 2), 60, 0),
        ((9, 8, 3), 60, 1),
        ((60, 59, 58, 10, 9), 60, 1),
        ((60, 45, 30), 900, 0),
        ((90, 75, 15), 900, 1),
    ],
)
def test_the_line_is_broken_where_two_steps_are_missing(
    ago: tuple[int, ...], seconds: int, gaps: int
) -> None:
    stored = [replace(row, seconds=seconds) for row in rows(*ago)]
    made = series(Recent("nginx"), stored)
    assert made.cpu.count(None) == gaps and made.at == sorted(made.at)


def test_a_counter_that_does_not_move_in_time_or_falls_makes_no_negative_rate() -> None:
    made = series(Recent("nginx", readings((NOW, 5.0), (NOW, 6.0), (NOW + 10, 4.0)), size()), ())
    assert made.cpu == [0.0]
