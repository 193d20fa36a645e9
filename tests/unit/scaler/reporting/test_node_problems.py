"""What of the nodes does not count is said once, and boundedly."""

import pytest

from scaler.reporting.node_problems import MOST, NodeProblems


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [str(getattr(r, "detail", "")) for r in caplog.records]
    caplog.clear()
    return found


def test_each_problem_is_said_as_it_comes(caplog: pytest.LogCaptureFixture) -> None:
    problems = NodeProblems()
    problems.report(("a",))
    problems.report(("a", "b"))
    problems.report(("a", "b"))
    assert said(caplog) == ["a", "b"]
    problems.report(())
    problems.report(("a",))
    assert said(caplog) == ["a"]


def test_thousands_of_the_same_kind_are_a_few_lines(caplog: pytest.LogCaptureFixture) -> None:
    NodeProblems().report([f"node {n}" for n in range(5000)])
    lines = said(caplog)
    assert (len(lines), lines[-1]) == (MOST + 1, "and 4990 more of the kind")
