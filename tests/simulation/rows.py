"""Which rows of the scaler's checks decide in a run, and the seeds in which each first does.

python -m tests.simulation.rows FIRST LAST   looks for them: chain, row, seed
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from scaler.checks import Checks
from scaler.planning import apply, plan
from scaler.replacement import held_pod, next_pod
from scaler.resizing import pod_step
from tests.simulation.run import run

CHAINS: dict[str, Checks[Any, Any]] = {
    "plan": plan.CHECKS,
    "apply": apply.CHECKS,
    "next_pod": next_pod.CHECKS,
    "held_pod": held_pod.CHECKS,
    "pod_step": pod_step.CHECKS,
}
ROWS = [(chain, row) for chain, checks in CHAINS.items() for row in checks.purposes()]
Decided = Callable[[str, str, Any], None]


@contextmanager
def counted(
    decided: Decided = lambda chain, row, outcome: None,
    all_of: Callable[[object], None] | None = None,
) -> Iterator[dict[tuple[str, str], int]]:
    """How often each row decides; `decided` is called with chain, row and outcome each time.

    `all_of`, if given, is called with each answer of every row, also of those that are spared.
    """
    seen: dict[tuple[str, str], int] = {}
    names = {checks.title: name for name, checks in CHAINS.items()}

    def first(checks: Checks[Any, Any], case: Any) -> Any:
        if all_of:
            for answer in checks.each(case):
                all_of(answer)
        row, outcome = checks.decisive(case)
        key = names[checks.title], row
        seen[key] = seen.get(key, 0) + 1
        decided(*key, outcome)
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checks, "first", first)
        yield seen


def main(first: int, last: int) -> None:
    """Print each row with the first seed in which it decides; then those that never do."""
    sought = set(ROWS)
    for seed in range(first, last):
        with counted() as seen:
            run(seed)
        for chain, row in sorted(sought & seen.keys()):
            print(f'    ("{chain}", "{row}"): {seed},', flush=True)
        sought -= seen.keys()
        if not sought:
            break
    print("never:", sorted(sought) or "none")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
