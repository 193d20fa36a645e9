"""The table shows requirements beside measurements, and whether they are met."""

from tests.bench.results import Figure, Measured, table


def test_a_figure_without_a_requirement_is_neither_met_nor_missed() -> None:
    assert [Figure("x", 2, "s", most).met for most in (None, 2.0, 1.9)] == [None, True, False]


def test_the_record_holds_the_requirement_only_where_there_is_one() -> None:
    assert Figure("x", 2, "s").as_json() == {"what": "x", "value": 2, "unit": "s"}
    assert Figure("x", 2, "s", 1).as_json()["met"] is False


def test_the_table_has_a_line_for_each_figure() -> None:
    figures = [
        Figure("fast", 0.25, "ms", 0.9),
        Figure("slow", 100.0, "s", 90.0),
        Figure("n", 0, ""),
    ]
    assert table({"one": Measured(figures)}).splitlines()[1:] == [
        "one  fast  <= 0.9 ms   0.25 ms  met",
        "one  slow    <= 90 s     100 s  MISSED",
        "one  n                       0",
    ]
