"""Defects of the policy `track`: what it remembers, and how long it waits."""

from typing import Any

from msgspec.structs import replace

from scaler.policies import track_aim, track_cpu, track_down
from scaler.policies.policy import Container, Usage
from scaler.usage.long_window import LongWindow
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def learns_nothing_first(patch: Patch) -> None:
    """The policy `track` lowers a size as soon as it knows a minute, also after a restart"""
    usual = track_down.proposed

    def hasty(container: Container, usage: Usage) -> Any:
        return usual(container, replace(usage, horizon=replace(usage.horizon, learning=0.0)))

    patch(track_down, "proposed", hasty)


@mutant
def pause_ignored(patch: Patch) -> None:
    """The policy `track` lowers a size right after another change"""
    for module in (track_aim, track_cpu):
        patch(module, "changed_lately", lambda usage: False)


@mutant
def long_window_forgotten(patch: Patch) -> None:
    """The policy `track` goes by its newest minute alone, and takes the rest for idle"""
    patch(track_down, "LATELY", 1)

    def least(base: Any, limits: Any, window: LongWindow) -> int:
        return 1

    patch(track_aim, "aim", least)
    patch(track_cpu, "aim", least)
