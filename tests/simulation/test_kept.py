"""The promises hold where a scaler goes on from its history, and what it takes up is judged."""

import pytest

from tests.simulation.mutants.keeping import DEFECTS, OF_SERVERS
from tests.simulation.mutants.registry import MUTANTS
from tests.simulation.run import Past, run

SEEDS = 60
FOUND = {
    "readings_shrink_in_the_file": (11, "doubling_earned"),
    "servers_are_waited_for": (4, "begun_without_the_past"),
    "servers_are_believed": (4, "doubling_earned"),
}


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_every_promise_is_kept_with_a_history(first: int) -> None:
    broken = [r for seed in range(first, first + 20) if (r := run(seed, past=Past.KEPT)).violation]
    assert [(r.seed, r.violation) for r in broken] == []


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_defect_of_what_is_taken_up_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MUTANTS, name, DEFECTS[name])
    seed, promise = FOUND[name]
    violation = run(seed, mutant=name, past=Past.KEPT).violation
    assert violation and violation.invariant == promise
    assert run(seed, mutant=name).violation is None, "without a history nothing is taken up"


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_every_promise_is_kept_whatever_a_server_of_the_past_says(first: int) -> None:
    seeds = range(first, first + 20)
    broken = [r for seed in seeds if (r := run(seed, past=Past.SERVED)).violation]
    assert [(r.seed, r.violation) for r in broken] == []


@pytest.mark.parametrize("name", sorted(OF_SERVERS))
def test_a_defect_of_asking_a_server_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MUTANTS, name, OF_SERVERS[name])
    seed, promise = FOUND[name]
    violation = run(seed, mutant=name, past=Past.SERVED).violation
    assert violation and violation.invariant == promise
    assert run(seed, mutant=name, past=Past.KEPT).violation is None, "no server is asked"
