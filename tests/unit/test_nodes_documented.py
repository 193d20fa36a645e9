"""Each row of the table in docs/nodes.md is a test of tests/nodes, and each test is in a row."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAME = "the same"
"""A row that shares the test of the one before it."""


def rows() -> list[str]:
    """The last cell of each row."""
    lines = [x for x in (ROOT / "docs/nodes.md").read_text().splitlines() if x.startswith("| ")]
    return [line.rstrip(" |").rpartition("| ")[2] for line in lines[2:]]


def functions() -> set[str]:
    code = [ast.parse(path.read_text()) for path in (ROOT / "tests/nodes").glob("test_*.py")]
    every = (node for tree in code for node in ast.walk(tree))
    return {n.name for n in every if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")}


def test_each_row_is_a_test_and_each_test_a_row() -> None:
    named = {name for cell in rows() for name in re.findall(r"`(test_\w+)`", cell)}
    assert named == functions()
    assert [cell for cell in rows() if "`test_" not in cell and cell != SAME] == []
