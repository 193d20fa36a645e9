"""Defects of resizing in place: who is resized, what is waited for, what is undone."""

from dataclasses import replace
from typing import Any

from scaler.execution import resizer
from scaler.replacement import next_pod
from scaler.resizing import pod_step
from scaler.resizing.resize_case import ResizeCase, Step, Way
from tests.simulation.mutants.registry import Patch, mutant, unasked


@mutant
def resized_over_others(patch: Patch) -> None:
    """Pods are resized although somebody else has done so since."""
    unasked(pod_step, "resized_by_others", patch)


@mutant
def resized_without_a_version(patch: Patch) -> None:
    """A resize names the pod only, not the state in which it was looked at."""
    usual = resizer._body

    def body(action: Any, pod: Any) -> dict[str, object]:
        return {**usual(action, pod), "metadata": {"uid": pod.metadata.uid}}

    patch(resizer, "_body", body)


@mutant
def restarted_by_a_resize(patch: Patch) -> None:
    """A `resizePolicy` that restarts the container is not looked at."""
    unasked(pod_step, "restarts", patch)


@mutant
def loops_are_resized(patch: Patch) -> None:
    """Crash-looping pods are resized, which starts their back-off again."""
    unasked(pod_step, "loops", patch)
    unasked(pod_step, "not_running", patch)


@mutant
def lowered_below_use(patch: Patch) -> None:
    """What a container uses is no reason not to lower its memory limit."""
    unasked(pod_step, "below_use", patch)


@mutant
def never_in_place(patch: Patch) -> None:
    """Pods that could be resized in place are replaced."""

    def replaced(case: ResizeCase) -> Step:
        return Step(Way.REPLACE, f"{case.name} is replaced")

    patch(pod_step, "CHECKS", replace(pod_step.CHECKS, otherwise=replaced))


@mutant
def kubelets_waited_for(patch: Patch) -> None:
    """A kubelet that does not carry out a resize is waited for indefinitely."""
    patch(ResizeCase, "late", property(lambda self: False))


@mutant
def never_withdrawn(patch: Patch) -> None:
    """What was asked of a kubelet stays asked for when the size is rolled back."""
    unasked(next_pod, "withdrawn", patch)
