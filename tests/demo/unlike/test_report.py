"""What the table says of a size on a kind of node."""

from agent.counters import Counters
from tests.demo.unlike import report
from tests.demo.unlike.nodes import Reading, Used, parsed, used
from tests.demo.unlike.report import Row


def row(name: str, node: str, limit: int, cpu: float = 50.0, throttled: float = 0.0) -> Row:
    return Row(name, node, limit, Used(cpu, throttled), answers=99, asked=100, median=0.004)


def test_a_size_wastes_what_is_beyond_the_one_that_its_kind_got() -> None:
    rows = [row("one-size", "quick", 400), row("one-size", "slow", 400)]
    rows += [row("double", "quick", 100), row("double", "slow", 400)]
    assert [report.judged(r, rows) for r in rows] == ["wastes 300m", "fits", "fits", "fits"]


def test_whoever_is_throttled_wastes_nothing() -> None:
    rows = [row("one-size", "slow", 200, throttled=0.11), row("double", "slow", 100)]
    assert report.judged(rows[0], rows) == "throttled"
    assert report.judged(row("double", "slow", 100, throttled=0.10), rows) == "fits", "as asked"


def test_a_line_has_the_use_and_what_is_left_of_the_limit() -> None:
    head, line = report.table([row("double", "slow", 400, 120.4, 0.036)]).splitlines()
    assert line.split("  ")[0] == "double"
    assert "400m" in line and "120m" in line and "280m" in line and "4 %" in line
    assert "99 of 100" in line and "4 ms" in line
    assert head.index("limit") + len("limit") == line.index("400m") + len("400m")


def test_use_is_by_the_node_s_own_clock_and_throttling_by_its_periods() -> None:
    before = Reading(10.0, Counters(cpu=1_000_000, periods=100, throttled=40))
    after = Reading(20.0, Counters(cpu=2_500_000, periods=180, throttled=44))
    assert used(before, after) == Used(150.0, 0.05)
    assert used(before, Reading(20.0, before.counted)) == Used(0.0, 0.0), "nothing wanted to run"


def test_what_a_machine_prints_of_a_container_is_read() -> None:
    text = "1712.33 5.10\n20000 100000\nusage_usec 123\nnr_periods 7\nnr_throttled 2\n"
    assert parsed(text) == Reading(1712.33, Counters(123, 7, 2, 200.0))
