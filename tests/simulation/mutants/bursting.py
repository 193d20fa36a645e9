"""Defects of what node agents say: what is news, how often it counts, what silence means."""

from math import inf
from typing import Any

from msgspec.structs import replace

from scaler.agents import heat, reports
from scaler.policies import burst
from scaler.sizing import sampled_minutes
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def old_news_count(patch: Patch) -> None:
    """What an agent has said counts until it says something else."""
    patch(reports, "FRESH", inf)


@mutant
def bursts_without_end(patch: Patch) -> None:
    """It is not counted how often a container was raised at once."""
    patch(burst, "_raised", lambda change, name, now: False)


@mutant
def silence_is_zero(patch: Patch) -> None:
    """Of a container whose agent is silent the minute says that it uses nothing."""

    def with_peak(minute: Any, summary: Any, started: Any) -> Any:
        return replace(minute, mean=summary.said.mean if summary else 0.0)

    patch(sampled_minutes, "with_peak", with_peak)


@mutant
def low_clocks_are_heat(patch: Patch) -> None:
    """A node whose CPUs have so little to do that they run slowly is called slow."""

    def slowed(found: Any) -> str | None:
        clock = found.said.clock if found else None
        return "at once (its clock is low)" if clock is not None and clock < 0.95 else None

    patch(heat, "slowed", slowed)
