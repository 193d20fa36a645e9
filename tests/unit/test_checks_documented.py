"""docs/checks.md has the chains of checks as they are in the code, in the order of the code.

python -m tests.unit.test_checks_documented   writes the page again
"""

import re
from pathlib import Path
from typing import Any

import pytest

from scaler.checks import Checks
from scaler.planning import apply, plan
from scaler.replacement import held_pod, next_pod
from scaler.resizing import pod_step
from store.reasons import Reason

PAGE = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists()) / "docs/checks.md"
CHAINS: dict[str, Checks[Any, Any]] = {
    "scaler/planning/plan.py": plan.CHECKS,
    "scaler/planning/apply.py": apply.CHECKS,
    "scaler/replacement/next_pod.py": next_pod.CHECKS,
    "scaler/resizing/pod_step.py": pod_step.CHECKS,
    "scaler/replacement/held_pod.py": held_pod.CHECKS,
}
HEAD = """# What decides, in which order

Each cycle goes through these checks for each workload. They are asked in the order of the tables,
and the first one that has an answer decides; in code they are functions with the names of the left
column. [reasons.md](reasons.md) has the reason codes, [glossary.md](glossary.md) the words.

The tables are made from the code: `python -m tests.unit.test_checks_documented` writes this page.
"""


def page() -> str:
    """The page as the code has it."""
    parts = (f"\n## {c.title}\n\n`{where}`\n\n{c.table()}\n" for where, c in CHAINS.items())
    return HEAD + "".join(parts)


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize("where", CHAINS)
def test_each_check_says_in_one_sentence_what_it_is_for(where: str) -> None:
    purposes = [*CHAINS[where].purposes().values()]
    assert all(re.fullmatch(r"[A-Z`].{15,}\.", p) for p in purposes)
    assert len(set(purposes)) == len(purposes)


@pytest.mark.parametrize("where", CHAINS)
def test_the_reason_codes_that_they_name_exist(where: str) -> None:
    purposes = " ".join(CHAINS[where].purposes().values())
    assert {*re.findall(r"`([A-Z]\w+)`", purposes)} <= {*Reason}


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
