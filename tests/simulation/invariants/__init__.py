"""What must hold at every step, by name and in plain text; `ending` has what must hold at last.

To add one: write a function of a moment (`about`) that returns None or a sentence, and register it
with the decorator of its moment. Its name is the invariant's, its text is what readers see.
"""

from tests.simulation.invariants import (
    bursting,
    courtesy,
    cycle,
    halving,
    heating,
    kinds,
    mending,
    needing,
    pacing,
    patched,
    refusing,
    releasing,
    resizing,
    taking,
    tenants,
    tracking,
    undoing,
    waiting,
    writing,
)
from tests.simulation.invariants.about import Cycle, Patched, Resizing, Taking, Writing
from tests.simulation.invariants.cycle import not_ours
from tests.simulation.invariants.memory import Memory
from tests.simulation.invariants.preempting import pushed_out
from tests.simulation.invariants.registry import (
    CYCLE,
    DELETING,
    HANDING_BACK,
    PATCHED,
    RESIZING,
    TAKING,
    WORDS,
    WRITING,
)
from tests.simulation.invariants.tenants import of_another, where_all_goes

__all__ = [
    "CYCLE",
    "DELETING",
    "HANDING_BACK",
    "PATCHED",
    "RESIZING",
    "TAKING",
    "WORDS",
    "WRITING",
    "Cycle",
    "Memory",
    "Patched",
    "Resizing",
    "Taking",
    "Writing",
    "bursting",
    "courtesy",
    "cycle",
    "halving",
    "heating",
    "kinds",
    "mending",
    "needing",
    "not_ours",
    "of_another",
    "pacing",
    "patched",
    "pushed_out",
    "refusing",
    "releasing",
    "resizing",
    "taking",
    "tenants",
    "tracking",
    "undoing",
    "waiting",
    "where_all_goes",
    "writing",
]
