"""Defects of how a pod is replaced, and of what is asked before."""

from typing import Any

from msgspec.structs import replace

from scaler.cluster import rollout
from scaler.execution import eviction
from scaler.execution.eviction import Evictor
from scaler.feasibility import limit_range
from scaler.feasibility.fit import NodeCapacity
from scaler.feasibility.quota import Ledger
from scaler.model import Evict, Outcome, Plan, Write
from scaler.planning import apply
from scaler.planning.apply_case import ApplyCase
from scaler.replacement import next_pod
from tests.simulation.mutants.registry import Patch, mutant, unasked


@mutant
def no_uid_precondition(patch: Patch) -> None:
    """A pod is evicted by its name only."""
    made = eviction._eviction

    def without(action: Evict, *, dry: bool) -> dict[str, Any]:
        body: dict[str, Any] = made(action, dry=dry)
        body["deleteOptions"].pop("preconditions")
        return body

    patch(eviction, "_eviction", without)


@mutant
def dry_run_ignored(patch: Patch) -> None:
    """Dry runs are executed."""
    made = eviction._eviction
    patch(eviction, "_eviction", lambda action, *, dry: made(action, dry=False))


@mutant
def evicts_before_the_store_write(patch: Patch) -> None:
    """A pod is replaced for a size that is not stored yet."""
    planned = apply._changed

    def hasty(case: ApplyCase) -> Plan:
        plan = planned(case)
        action, pods = plan.action, case.view.pods
        if not isinstance(action, Write) or action.status.size is None or not pods:
            return plan
        meta, size = pods[0].metadata, action.status.size
        status, version = action.status, action.resource_version
        evict = Evict(action.workload, meta.name, meta.uid, size, status, version)
        return replace(plan, action=evict)

    def take_first(self: Evictor, action: Evict, recheck: object, claim: Any) -> Outcome:
        refused = self._evict(action, dry=False)
        claim(action)
        return refused or Outcome(done=True)

    patch(apply, "_changed", hasty)
    patch(Evictor, "take", take_first)


@mutant
def claims_after_the_eviction(patch: Patch) -> None:
    """A restart is recorded only after the eviction."""
    usual = Evictor.take

    def take_late(self: Evictor, action: Evict, recheck: Any, claim: Any) -> Outcome:
        outcome = usual(self, action, recheck, lambda a: None)
        if outcome.done:
            claim(action)
        return outcome

    patch(Evictor, "take", take_late)


@mutant
def no_recheck(patch: Patch) -> None:
    """The pods are not listed again before one of them is replaced."""
    usual = Evictor.take
    patch(Evictor, "take", lambda self, a, recheck, claim: usual(self, a, lambda p: True, claim))


@mutant
def single_pod_taken(patch: Patch) -> None:
    """The only pod is replaced although that was not allowed."""
    unasked(next_pod, "single_replica", patch)


@mutant
def rollout_ignored(patch: Patch) -> None:
    """Pods are replaced in the middle of a rollout."""
    patch(rollout, "unfinished", lambda view: None)


@mutant
def no_fit_check(patch: Patch) -> None:
    """Whether a node has capacity is never checked."""
    patch(NodeCapacity, "obstacle", lambda self, replaced, sizes: None)


@mutant
def limit_range_ignored(patch: Patch) -> None:
    """Whether a LimitRange would refuse the pod is never checked."""
    patch(limit_range, "refusal", lambda ranges, containers: None)


@mutant
def limit_range_asked_once(patch: Patch) -> None:
    """Found in the product: a LimitRange created after the decision is not checked."""
    unasked(next_pod, "limit_range_refuses", patch)


@mutant
def quota_ignored(patch: Patch) -> None:
    """Whether a ResourceQuota leaves enough is never checked."""
    patch(Ledger, "refusal", lambda self, uid, mine, replaced, sizes: None)
