"""Defects of what others ask of us; most were first planted by hand, when no run found them."""

from typing import Any

import webhook.patch
from scaler.cluster.view import View
from scaler.disruption import do_not_disrupt
from scaler.disruption.attempts import Pace
from scaler.model import Create, Write
from scaler.sizing import cooldown
from scaler.status import change_log
from store.model import Resources, Size
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def cooldown_ignored(patch: Patch) -> None:
    """A policy changes a size right after its last change."""
    patch(cooldown, "SECONDS", 0.0)


@mutant
def min_ready_ignored(patch: Patch) -> None:
    """A pod counts as available as soon as it is Ready."""
    patch(View, "min_ready", property(lambda view: 0))


@mutant
def protection_ignored(patch: Patch) -> None:
    """Pods that other tools protect are replaced like any other."""
    patch(do_not_disrupt, "why", lambda *given: None)


@mutant
def durations_ignored(patch: Patch) -> None:
    """Found in the product: only `do-not-disrupt: "true"` protects, a duration does not."""
    usual = do_not_disrupt._until

    def until(name: str, value: str, pod: Any) -> float:
        return usual(name, value, pod) if value in ("true", "false") else 0.0

    patch(do_not_disrupt, "_until", until)


@mutant
def dated_before_its_write(patch: Patch) -> None:
    """A change is dated when it is decided, however long the write takes to come."""
    patch(change_log, "dated", lambda status, old, now: status)


@mutant
def request_above_limit(patch: Patch) -> None:
    """The webhook gives pods twice the request, whatever their limit is."""
    usual = webhook.patch.inject  # type: ignore[attr-defined]

    def doubled(*given: Any) -> Any:
        return {
            name: Size(Resources(2 * s.requests.cpu, s.requests.memory), s.limits)
            if s.requests.cpu and s.limits.cpu
            else s
            for name, s in usual(*given).items()
        }

    patch(webhook.patch, "inject", doubled)


@mutant
def refused_writes_repeated(patch: Patch) -> None:
    """Found in the product: a PodSize or a status that is refused is tried again each cycle."""
    usual = Pace.early

    def early(pace: Pace, action: Any, now: float, seen: Any = None) -> bool:
        return not isinstance(action, Create | Write) and usual(pace, action, now, seen)

    patch(Pace, "early", early)
