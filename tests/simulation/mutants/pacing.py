"""Defects of how many pods are replaced, and how soon the next one."""

import dataclasses
from typing import Any

from msgspec.structs import replace

from kube import timestamps
from scaler.cluster import backoff, in_flight
from scaler.disruption import circuit_breaker, cluster_limits, restart_budget
from scaler.disruption.cluster_limits import Activity, ClusterLimits
from scaler.disruption.replaced import LastReplaced
from scaler.loop import Loop
from scaler.replacement import mismatched_pods, next_pod
from store.records import Restarts
from tests.simulation.mutants.registry import Patch, mutant, unasked


@mutant
def two_in_flight(patch: Patch) -> None:
    """The next pod is replaced before the last replacement is complete."""
    patch(in_flight, "under_way", lambda *around, **named: None)
    patch(in_flight, "not_ready", lambda *around, **named: None)
    patch(LastReplaced, "in_flight", lambda self, view, now: False)


@mutant
def flight_forgotten(patch: Patch) -> None:
    """Found in the product: an eviction is not counted until the watch reports it."""
    patch(LastReplaced, "in_flight", lambda self, view, now: False)


@mutant
def cluster_limit_ignored(patch: Patch) -> None:
    """Any number of workloads is changed at the same time."""
    usual = Loop._cycle

    def all_at_once(self: Loop, *cycle: Any, **how: Any) -> Any:
        self.settings = dataclasses.replace(self.settings, in_flight=10**6)
        return usual(self, *cycle, **how)

    patch(Loop, "_cycle", all_at_once)


@mutant
def restart_budget_ignored(patch: Patch) -> None:
    """Any number of a workload's pods is replaced in an hour."""
    unasked(next_pod, "budget_used_up", patch)


@mutant
def cluster_budget_ignored(patch: Patch) -> None:
    """Any number of the cluster's pods is replaced in an hour."""
    usual = cluster_limits.blocked

    def endless(now: Activity, ceilings: ClusterLimits) -> Any:
        return usual(now, replace(ceilings, restarts=10**6))

    patch(cluster_limits, "blocked", endless)


@mutant
def hour_forgotten(patch: Patch) -> None:
    """Found in the product: a clock that steps back over a full hour forgets the restarts."""

    def same_hour(restarts: Restarts, now: float) -> int:
        return restarts.count if restarts.hour == timestamps.hour(now) else 0

    patch(restart_budget, "counting", same_hour)


@mutant
def no_back_off(patch: Patch) -> None:
    """After a failure the next pod is replaced at once."""
    patch(backoff, "holds", lambda backoff, now: False)
    patch(backoff, "missed", lambda view, there, now: [])


@mutant
def rewriting_not_waited_out(patch: Patch) -> None:
    """Values that something rewrites are tried again at once, pod after pod."""
    patch(mismatched_pods, "_rewritten", lambda pods, last, now, held: None)


@mutant
def breaker_ignored(patch: Patch) -> None:
    """However many workloads fail in the same way, the next one is changed."""
    patch(circuit_breaker, "tripped", lambda views, terms, now: None)
