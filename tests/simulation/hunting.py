"""How many seeds each deliberate defect takes until the simulation finds it."""

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import Violation, run

HEAD = """\
| defect | what is switched off or wrong | first seed | broken promise |
| --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Found:
    """A defect and the first seed that breaks a promise with it; None: none of those tried."""

    name: str
    seed: int | None
    violation: Violation | None

    def __str__(self) -> str:
        words = " ".join((MUTANTS[self.name].__doc__ or "").split()).rstrip(".")
        took = "not found" if self.seed is None else str(self.seed)
        broken = self.violation.invariant if self.violation else ""
        return f"| `{self.name}` | {words} | {took} | `{broken}` |"


def hunted(name: str, *, most: int) -> Found:
    """One after the other, from seed 0."""
    for seed in range(most):
        if violation := run(seed, mutant=name).violation:
            return Found(name, seed, violation)
    return Found(name, None, None)


def table(most: int, processes: int | None = None) -> Iterator[Found]:
    """Every defect, on all cores, in the order in which they are written."""
    count = processes or len(os.sched_getaffinity(0))
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        yield from pool.imap(partial(hunted, most=most), MUTANTS)
