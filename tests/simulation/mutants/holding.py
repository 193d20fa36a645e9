"""Defects of how a pod is held until its replacement is Ready."""

from typing import Any

from msgspec.structs import replace

from scaler.cluster import in_flight
from scaler.disruption.replaced import LastReplaced
from scaler.feasibility import quota_usage
from scaler.planning import context, plan, surge_step
from scaler.replacement import held_pod
from scaler.replacement.held_case import HeldCase, Step, Way
from tests.simulation.mutants.registry import Patch, mutant, unasked


@mutant
def hands_back_while_ready(patch: Patch) -> None:
    """A held pod is handed back although its replacement is Ready."""
    usual = held_pod.step

    def back(case: HeldCase) -> Step:
        step = usual(case)
        return replace(step, way=Way.HAND_BACK) if step.way is Way.DRAIN else step

    patch(held_pod, "step", back)


@mutant
def called_off_before_available(patch: Patch) -> None:
    """Found in the product: what is called off is handed back, also within `minReadySeconds`."""
    unasked(held_pod, "not_yet_available", patch)


@mutant
def deletes_before_ready(patch: Patch) -> None:
    """A held pod is deleted as soon as its replacement exists."""
    patch(
        HeldCase,
        "replaced",
        property(lambda case: len(case.others) >= case.view.desired_replicas > 0),
    )


@mutant
def two_held(patch: Patch) -> None:
    """A second pod is handed over while one is held."""
    _blind_to_held_pods(patch)
    patch(in_flight, "under_way", lambda *around, **named: None)
    patch(in_flight, "not_ready", lambda *around, **named: None)
    patch(LastReplaced, "in_flight", lambda self, view, now: False)


@mutant
def held_pods_forgotten(patch: Patch) -> None:
    """The successor of a scaler that died does not look for held pods."""
    _blind_to_held_pods(patch)


@mutant
def handed_back_is_still_taken(patch: Patch) -> None:
    """Found in the product: a pod that was handed back counted as in flight indefinitely."""
    usual = LastReplaced.add
    patch(LastReplaced, "add", lambda self, workload, uid, version="": usual(self, workload, uid))


@mutant
def held_not_in_flight(patch: Patch) -> None:
    """A held pod does not count among those replaced at the same time."""
    usual = surge_step.plan

    def apart(view: Any, cycle: Any, stopped: Any) -> Any:
        return replace(usual(view, cycle, stopped), in_flight=False)

    patch(surge_step, "plan", apart)
    patch(LastReplaced, "in_flight", lambda self, view, now: False)


@mutant
def quota_not_asked_for_both(patch: Patch) -> None:
    """A pod is handed over although the quota has no room for both pods."""
    usual = quota_usage.quotas_on

    def apart(*given: Any, now: bool = False, beside: bool = False) -> Any:
        return usual(*given, now=now)

    patch(context, "quotas_on", apart)


def _blind_to_held_pods(patch: Patch) -> None:
    usual = plan.plan

    def blind(view: Any, cycle: Any) -> Any:
        return usual(replace(view, held=()), cycle)

    patch(plan, "plan", blind)
