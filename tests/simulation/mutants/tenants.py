"""Defects of clusters that several share: of namespaces, and of owners above owners."""

from typing import Any

from scaler.disruption.attempts import Pace
from scaler.planning import plan
from tests.simulation.mutants.registry import Patch, mutant, unasked


@mutant
def one_refusal_is_everybody_s(patch: Patch) -> None:
    """Found in the product: what is refused in one namespace is taken as refused in all of them."""

    def refused(pace: Pace, view: Any, now: float) -> str | None:
        return next((last.words for last in pace._surges.values() if last.holds(now)), None)

    patch(Pace, "surge_refused", refused)


@mutant
def namespaces_go_unnoticed(patch: Patch) -> None:
    """A namespace that is being deleted is one like any other."""
    unasked(plan, "namespace_goes", patch)


@mutant
def foreign_owners_ignored(patch: Patch) -> None:
    """Found in the product: what another controller makes is sized like any other workload."""
    unasked(plan, "unsupported", patch)
