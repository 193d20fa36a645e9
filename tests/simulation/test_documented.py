"""docs/reliability.md names every deliberate defect, with the seed that finds it first."""

from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.test_mutants import KILLERS

RELIABILITY = Path(__file__).parents[2] / "docs/reliability.md"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_defect_and_its_seed_are_in_the_table(name: str) -> None:
    [row] = [
        line for line in RELIABILITY.read_text().splitlines() if line.startswith(f"| `{name}`")
    ]
    assert row.split(" | ")[2] == str(KILLERS[name])
