"""All cases, by name."""

from collections.abc import Callable

from tests.simulation.conformance.target import Target

Seen = list[object]
Case = Callable[[Target], Seen]

CASES: dict[str, Case] = {}


def case(script: Case) -> Case:
    """Register; the name says what is shown."""
    CASES[script.__name__] = script
    return script
