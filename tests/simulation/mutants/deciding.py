"""Defects of what a size is, and whose it may change."""

from typing import Any

from msgspec.structs import replace

from scaler.cluster import modes
from scaler.policies import quiet, step
from scaler.policies.halve import Resting
from scaler.replacement import not_now
from scaler.sizing import vetting
from scaler.usage import window
from store.model import Status
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def warm_up_ignored(patch: Patch) -> None:
    """The first minute of a container counts like any other."""
    usual = window.whole

    def hot(readings: tuple[window.Reading, ...]) -> Any:
        return usual(tuple(replace(r, started=0.0) for r in readings))

    patch(window, "whole", hot)


@mutant
def minute_too_short(patch: Patch) -> None:
    """Ten seconds at the limit are enough."""
    patch(window, "SECONDS", 10.0)


@mutant
def halves_too_early(patch: Patch) -> None:
    """A moment of quiet is enough for a halving."""
    patch(quiet, "grown", lambda stretch, patience: stretch is not None)


@mutant
def halves_without_end(patch: Patch) -> None:
    """A halving goes below the manifest's size."""
    patch(Resting, "_lowest", property(lambda self: 1))


@mutant
def bounds_ignored(patch: Patch) -> None:
    """Maxima are ignored."""
    patch(vetting, "above", lambda size, bounds, maxima: None)


@mutant
def maxima_bound_only_steps_up(patch: Patch) -> None:
    """Found in the product: what is halved from above its maximum may still be above it."""
    patch(step, "bounded", lambda base, options: False)


@mutant
def revision_used_again(patch: Patch) -> None:
    """A new size gets the number of the last one."""
    patch(Status, "highest_revision", property(lambda self: 0))


@mutant
def modes_ignored(patch: Patch) -> None:
    """Pods are replaced although only new ones were to get the size."""
    patch(modes, "passive", lambda view, settings: [])


@mutant
def kill_switch_ignored(patch: Patch) -> None:
    """Paused workloads, and a scaler in dry run, still act."""
    patch(not_now, "stopped", lambda settings, limits: None)
