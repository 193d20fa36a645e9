"""Defects of what memory and throttling mean."""

from typing import Any

import msgspec
from msgspec.structs import replace

from scaler.cluster import oom_kills
from scaler.health import rollback_target
from scaler.policies import memory, quiet
from scaler.sizing import killed_containers, vetting
from scaler.usage import window
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def cache_is_a_need(patch: Patch) -> None:
    """Page cache counts as memory that is needed: the working set."""
    usual = window.whole

    def working_set(*given: Any) -> Any:
        found = usual(*given)
        if not isinstance(found, window.Minute) or found.needed is None:
            return found
        return msgspec.structs.replace(found, needed=found.memory, needed_peak=found.memory)

    patch(window, "whole", working_set)


@mutant
def cache_at_the_limit_is_a_shortage(patch: Patch) -> None:
    """Whatever reaches the limit, page cache too, is a shortage."""
    patch(memory, "SHORT", 0.0)


@mutant
def kills_unseen(patch: Patch) -> None:
    """Nobody looks whether a container was killed for want of memory."""
    patch(killed_containers, "kills", lambda view, name, node_short: [])


@mutant
def old_kills_count(patch: Patch) -> None:
    """A kill counts at whatever limit, so that one is enough to grow again and again."""

    def killed(base: Any, usage: Any) -> int | None:
        return base.limit if usage.kills else None

    patch(memory, "_killed_at", killed)


@mutant
def down_pods_wait(patch: Patch) -> None:
    """A pod that is down for want of memory is replaced by the rules for pods that serve."""
    patch(oom_kills, "helped", lambda one: False)


@mutant
def size_blamed_for_kills(patch: Patch) -> None:
    """Growth after a kill is rolled back where that was not enough yet."""
    patch(rollback_target, "_enough", lambda before, after, name, ground: True)


@mutant
def memory_maximum_ignored(patch: Patch) -> None:
    """`memory-max` is ignored."""
    usual = vetting.above

    def above(size: Any, bounds: Any, maxima: Any) -> Any:
        return usual(size, replace(bounds, memory_max=None), maxima)

    patch(vetting, "above", above)


@mutant
def throttled_is_quiet(patch: Patch) -> None:
    """What is throttled most of the time counts as quiet where its mean is low."""
    patch(quiet, "throttled", lambda minute: False)
