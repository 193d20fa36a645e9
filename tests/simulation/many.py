"""Many runs on all cores, and their totals."""

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.simulation.run import Result, run

_CHUNK = 5


@dataclass
class Sum:
    """The totals of many runs."""

    runs: int = 0
    steps: int = 0
    crashes: int = 0
    replacements: int = 0
    halvings: int = 0
    failed: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """One more."""
        self.runs += 1
        self.steps += result.counts.steps
        self.crashes += result.counts.crashes
        self.replacements += result.counts.replacements
        self.halvings += result.counts.halvings
        if result.violation:
            self.failed.append(result)

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, {self.steps} cycles, {self.crashes} crashes, "
            f"{self.replacements} replacements, {self.halvings} halvings, "
            f"{len(self.failed)} violations"
        )


def results(seeds: Iterable[int], processes: int | None = None) -> Iterator[Result]:
    """Each seed's result, in order; processes are renewed so that none grows."""
    count = processes or len(os.sched_getaffinity(0))
    with multiprocessing.get_context("spawn").Pool(count, maxtasksperchild=200) as pool:
        yield from pool.imap(run, seeds, chunksize=_CHUNK)
