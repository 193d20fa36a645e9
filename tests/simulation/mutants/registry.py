"""The defects by their names, and the product with one of them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from scaler.checks import Checks, name_of

Patch = Callable[[Any, str, Any], None]
"""Replaces an attribute of an object until the run is over."""
_PRODUCT = ("kube", "store", "link", "webhook", "scaler")
MUTANTS: dict[str, Callable[[Patch], None]] = {}


def unasked(chain: Any, row: str, patch: Patch) -> None:
    """A check of the module `chain` is left out."""
    checks: Checks[Any, Any] = chain.CHECKS
    rows = tuple(one for one in checks.rows if name_of(one) != row)
    assert len(rows) == len(checks.rows) - 1, row
    patch(chain, "CHECKS", replace(checks, rows=rows))


def mutant(defect: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Register; the docstring says what is broken."""
    MUTANTS[defect.__name__] = defect
    return defect


@contextmanager
def defective(name: str | None) -> Iterator[None]:
    """The product with one defect; None: as it is."""
    undone: list[tuple[Any, str, Any]] = []

    def patch(target: Any, attribute: str, value: Any) -> None:
        undone.append((target, attribute, target.__dict__[attribute]))
        setattr(target, attribute, value)

    if name is None:
        yield
        return
    try:
        _forget()
        MUTANTS[name](patch)
        yield
    finally:
        for target, attribute, value in reversed(undone):
            setattr(target, attribute, value)
        _forget()


def _forget() -> None:
    """What the product keeps of its answers (`lru_cache`) holds for one code alone."""
    for module in [m for name, m in sys.modules.items() if name.partition(".")[0] in _PRODUCT]:
        for value in vars(module).values():
            if hasattr(type(value), "cache_clear"):  # of a proxy, attributes are somebody else's
                value.cache_clear()
