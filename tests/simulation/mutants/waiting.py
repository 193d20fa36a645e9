"""Defects of waits: for pods that never end, for kubelets that refuse pods, for slow start-ups."""

from typing import Any

from scaler.cluster import terminating
from scaler.health import rejected_pods
from scaler.health.startup_deadline import Deadline
from scaler.policies import regret, start_up
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def endless_pods_waited_for(patch: Patch) -> None:
    """Found in the product: a pod that is terminating is waited for, however long it takes."""
    patch(terminating, "lingers", lambda pod, now: False)


@mutant
def kubelets_refuse_for_nothing(patch: Patch) -> None:
    """Found in the product: pods that their kubelet refuses are nobody's fault."""
    patch(rejected_pods, "refusals", lambda view, rejected: ())


@mutant
def slow_is_broken(patch: Patch) -> None:
    """Found in the product: nothing may take longer than the longest deadline."""
    usual = Deadline.to_be_ready

    def ready(self: Any, pods: Any) -> float:
        return float(min(usual(self, pods), self.longest))

    patch(Deadline, "to_be_ready", ready)


@mutant
def halved_again_and_again(patch: Patch) -> None:
    """Found in the product: a halving that was undone soon after is tried again all the same."""
    patch(regret, "forbidden", lambda changes, container, resource, now: None)


@mutant
def start_ups_count(patch: Patch) -> None:
    """Found in the product: what burns CPU at each start is doubled for it, again and again."""
    patch(start_up, "settled", lambda minute, began, seconds: minute)
