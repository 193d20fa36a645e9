"""The invariants by the moment at which they are asked, and their texts."""

from collections.abc import Callable
from typing import Any, TypeVar

from tests.simulation.invariants.about import Cycle, Patched, Resizing, Taking, Writing

TAKING: dict[str, Callable[[Taking], str | None]] = {}
DELETING: dict[str, Callable[[Taking], str | None]] = {}
HANDING_BACK: dict[str, Callable[[Taking], str | None]] = {}
RESIZING: dict[str, Callable[[Resizing], str | None]] = {}
WRITING: dict[str, Callable[[Writing], str | None]] = {}
PATCHED: dict[str, Callable[[Patched], str | None]] = {}
CYCLE: dict[str, Callable[[Cycle], str | None]] = {}
WORDS: dict[str, str] = {
    "only_our_verbs": "the scaler calls nothing but what it has rights for",
    "asked_before": "what a policy refuses is found by a dry run, not by a pod that counts",
    "refusals_waited_out": "what a policy refuses is not asked again within five seconds",
    "dry_runs_grow_rare": "a workload that waits costs at most ten dry runs in ten minutes",
    "refusals_grow_rare": "what a policy refuses is asked at most ten times in ten minutes",
    "nothing_of_others": "no status or event of one namespace names another, or what is in it",
    "nothing_where_all_goes": "nothing is done, or asked, in a namespace that is being deleted",
    "no_neighbour_pushed_out": "no pod is preempted for one that comes as we took another",
    "internal_errors": "no exception is met by anything but the API server's answers",
}

F = TypeVar("F", bound=Callable[..., str | None])


def _into(registry: dict[str, Any], words: str) -> Callable[[F], F]:
    def register(check: F) -> F:
        registry[check.__name__] = check
        WORDS[check.__name__] = words
        return check

    return register


def when_taking(words: str) -> Callable[[F], F]:
    """Checked for each pod that is replaced."""
    return _into(TAKING, words)


def when_deleting(words: str) -> Callable[[F], F]:
    """Checked for each pod that is deleted without the Eviction API."""
    return _into(DELETING, words)


def when_handing_back(words: str) -> Callable[[F], F]:
    """Checked for each held pod that is handed back."""
    return _into(HANDING_BACK, words)


def when_resizing(words: str) -> Callable[[F], F]:
    """Checked for each pod that the scaler resizes in place."""
    return _into(RESIZING, words)


def when_writing(words: str) -> Callable[[F], F]:
    """Checked for each status that the scaler writes."""
    return _into(WRITING, words)


def when_patched(words: str) -> Callable[[F], F]:
    """Checked for each pod that our webhook changes."""
    return _into(PATCHED, words)


def each_cycle(words: str) -> Callable[[F], F]:
    """Checked after each cycle."""
    return _into(CYCLE, words)
