"""Defects of what a restart takes up from the history; found where a world has one."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from scaler.history import beats
from tests.simulation.mutants.registry import Patch


def readings_shrink_in_the_file(patch: Patch) -> None:
    """A restart takes up readings of half the CPU time, so that the next minute has the rest"""
    usual = beats.together

    def less(*given: Any) -> Any:
        return {
            key: tuple(replace(r, cpu_seconds=r.cpu_seconds / 2) for r in some)
            for key, some in usual(*given).items()
        }

    patch(beats, "together", less)


DEFECTS: Mapping[str, Callable[[Patch], None]] = {
    one.__name__: one for one in (readings_shrink_in_the_file,)
}
"""By name; they are not among MUTANTS, whose worlds have no history."""
