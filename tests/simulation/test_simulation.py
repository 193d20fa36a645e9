"""The scaler keeps its promises in 500 simulated clusters; one seed is one run, byte for byte.

A failure prints the seed, the perturbations that are needed, the promise in plain text and the end
of the trace; `python -m tests.simulation --seed N` prints it again.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import perturbing, shrink
from tests.simulation.run import run

SEEDS = 500
"""The default number of seeds; the mutants must be found within as many."""
FOUND = (
    *(534, 569, 684, 849, 1248, 1699, 15799, 16599, 19078, 20269, 20640, 24708),
    *(25890, 26013, 26495, 27748, 29117, 36131, 36459, 42498, 47199, 50643, 92898),
)
"""Beyond those, the seeds that found something in the product (docs/reliability.md). Each mistake
has a unit test as well: with the next perturbation a seed is another world."""
_CHUNK = 20  # seeds to a test, so that several processes share them evenly


@pytest.mark.parametrize("first", range(0, SEEDS, _CHUNK))
def test_every_promise_is_kept(first: int) -> None:
    for seed in range(first, first + _CHUNK):
        if run(seed).violation:
            pytest.fail(shrink.report(seed), pytrace=False)


@pytest.mark.parametrize("seed", FOUND)
def test_a_seed_that_once_found_a_defect_finds_none_any_more(seed: int) -> None:
    assert run(seed).violation is None


@pytest.mark.parametrize("seed", [3, 12, 49])
def test_the_same_seed_gives_the_same_trace(seed: int) -> None:
    first, second = run(seed, trace=True), run(seed, trace=True)
    assert first.trace == second.trace
    assert len(first.trace) > 50


def test_the_trace_does_not_depend_on_the_process() -> None:
    program = "from tests.simulation.run import run; print('\\n'.join(run(3, trace=True).trace))"
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == run(3, trace=True).trace


def test_a_run_holds_something() -> None:
    results = [run(seed) for seed in range(12)]
    assert sum(r.counts.replacements for r in results) > 20
    assert sum(r.counts.crashes for r in results) > 0
    assert all(r.counts.steps > 10 for r in results)


def test_a_promise_that_is_not_checked_yet_has_a_reason() -> None:
    assert perturbing.NOT_YET.keys() <= perturbing.REGISTRY.keys()
    assert all(perturbing.NOT_YET.values())
