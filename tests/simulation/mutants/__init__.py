"""Deliberate defects of the scaler, one at a time: a suite that finds none of them proves nothing.

Each is switched on only here, by replacing something of the product for the length of a run; the
product has no switch for any of it. `docs/reliability.md` has the seeds that each took.
"""

from tests.simulation.mutants import (
    bursting,
    courtesy,
    deciding,
    holding,
    kinds,
    needing,
    pacing,
    places,
    refusing,
    resizing,
    seeing,
    standing,
    taking,
    tenants,
    tracking,
    undoing,
    waiting,
)
from tests.simulation.mutants.registry import MUTANTS, defective

__all__ = [
    "MUTANTS",
    "bursting",
    "courtesy",
    "deciding",
    "defective",
    "holding",
    "kinds",
    "needing",
    "pacing",
    "places",
    "refusing",
    "resizing",
    "seeing",
    "standing",
    "taking",
    "tenants",
    "tracking",
    "undoing",
    "waiting",
]
