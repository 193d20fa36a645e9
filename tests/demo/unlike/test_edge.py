"""What processes on the board keep in memory."""

from tests.demo.unlike import edge


def test_what_is_shared_is_divided_among_the_processes_of_a_container() -> None:
    assert edge.held("Pss:     29000 kB\nPss:     1000 kB\n") == 30.72


def test_the_line_has_each_part_and_what_was_asked() -> None:
    said = edge.said({"webhook": 51.2, "scaler": 60.1, "agent": 20.7})
    assert said == (
        "webhook 51 MB and scaler 60 MB, 111 MB together (asked 120); agent 21 MB (asked 30)"
    )
