"""`python -m tests.simulation`: a soak of many runs, one seed with its trace, all defects."""

import argparse
import sys
import time
from collections.abc import Iterable, Sequence

from tests.simulation import hunting, many, shrink
from tests.simulation.run import Result


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="how many seeds (default: 500)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--most", type=int, default=5, help="stop after so many violations")
    parser.add_argument("--seed", type=int, help="run this one alone and print its trace")
    parser.add_argument("--lines", type=int, default=60, help="of the trace of a violation")
    parser.add_argument("--mutants", action="store_true", help="print the table of the defects")
    parser.add_argument("--processes", type=int, help="how many (default: one for each core)")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        print(shrink.report(chosen.seed, lines=chosen.lines))
        return 0
    if chosen.mutants:
        return _mutants(chosen.runs, chosen.processes)
    seeds = range(chosen.first, chosen.first + chosen.runs)
    return _soak(many.results(seeds, chosen.processes), chosen.most, chosen.lines)


def _mutants(most: int, processes: int | None) -> int:
    print(hunting.HEAD)
    missed = 0
    for found in hunting.table(most, processes):
        missed += found.seed is None
        print(found, flush=True)
    return 1 if missed else 0


def _soak(results: Iterable[Result], most: int, lines: int) -> int:
    total, began, reported = many.Sum(), time.monotonic(), time.monotonic()
    for result in results:
        total.add(result)
        if result.violation:
            print(f"seed {result.seed}: {result.violation.invariant}: {result.violation.detail}")
        if time.monotonic() - reported > 30.0:
            reported = time.monotonic()
            print(f"{total}, {total.runs / (reported - began):.1f} runs/s", flush=True)
        if len(total.failed) >= most:
            break
    print(f"{total}, {total.runs / (time.monotonic() - began):.1f} runs/s")
    if total.failed:
        print(shrink.report(total.failed[0].seed, lines=lines))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
