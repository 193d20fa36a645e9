"""A failing seed with as few perturbations as still make it fail, as text for readers.

One after the other is left out and the same seed is run again; what still fails in the same way
stays out. The world itself does not change: each perturbation has a random source of its own.
"""

from collections.abc import Callable

from tests.simulation.run import Result, run

Run = Callable[..., Result]


def shrunk(seed: int, again: Run = run) -> tuple[Result, frozenset[int]]:
    """The smallest failing run found, with its trace, and the perturbations left out of it."""
    found = again(seed, trace=True)
    without: frozenset[int] = frozenset()
    if found.violation is None:
        return found, without
    for number in reversed(range(len(found.perturbations))):
        tried = again(seed, without=without | {number}, trace=True)
        if tried.violation and tried.violation.invariant == found.violation.invariant:
            found, without = tried, without | {number}
    return found, without


def report(seed: int, *, lines: int = 60, again: Run = run) -> str:
    """What was broken, by which perturbations, and the end of the trace."""
    found, without = shrunk(seed, again)
    text = [f"seed {seed}", *(f"  {p}" for p in found.perturbations)]
    if without:
        text.append(f"  ({len(without)} more perturbations are not needed: {sorted(without)})")
    if found.violation:
        v = found.violation
        text += [f"BROKEN: {v.words}", f"  {v.invariant}: {v.detail}"]
    shown = found.trace[-lines:]
    text += [f"the last {len(shown)} of {len(found.trace)} lines:", *shown]
    return "\n".join(text)
