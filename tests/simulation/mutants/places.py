"""Defects of what a pod is compared with, and of where it can be."""

from typing import Any

from scaler.cluster import kubelet_says
from scaler.execution import template_edits
from scaler.execution.template_drift import drift
from scaler.feasibility.fit import NodeCapacity
from scaler.feasibility.inter_pod import NO_RULES, Neighbours
from scaler.planning import apply_case
from scaler.replacement import prospects as questions
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def each_difference_is_another_template(patch: Patch) -> None:
    """Found in the product: what admission makes of each pod counts as an edit of its template."""

    def another(owner: Any, pod: Any, siblings: Any) -> Any:
        return next(iter(drift(owner["spec"]["template"], pod)), None)

    patch(template_edits, "another", another)


@mutant
def own_place_not_counted(patch: Patch) -> None:
    """Found in the product: pods that repel each other are thought to fit nowhere."""
    usual = questions.Prospects

    def prospects(fits: Any, *rest: Any) -> Any:
        def unknown(pods: Any) -> Any:
            repel = any(p.spec.affinity and p.spec.affinity.pod_anti_affinity for p in pods)
            return "not modelled" if repel else fits(pods)

        return usual(unknown, *rest)

    patch(apply_case, "Prospects", prospects)


@mutant
def pods_beside_each_other_that_repel(patch: Patch) -> None:
    """A second pod is made though the first one does not let it be on any node."""
    patch(Neighbours, "rules", lambda self, pod, gone: NO_RULES)


@mutant
def images_are_the_sizes_fault(patch: Patch) -> None:
    """A replacement whose image cannot be pulled is late like any other: its size is blamed."""
    patch(kubelet_says, "outside", lambda pod: None)


@mutant
def lower_priorities_take_no_room(patch: Patch) -> None:
    """Where pods of lower priority are, there is thought to be room: they would be pushed out."""
    usual = NodeCapacity._count

    def count(self: Any, pod: Any) -> None:
        if pod.spec.priority:
            usual(self, pod)

    patch(NodeCapacity, "_count", count)
