"""Defects of what is asked before something is done, and of what is done about refusals."""

from typing import Any

from scaler.disruption import pauses
from scaler.disruption.attempts import Pace
from scaler.execution import eviction
from scaler.execution.rehearsal import Rehearsal
from scaler.health import unmade_pods
from scaler.replacement import held_case
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def refused_pods_stay_refused(patch: Patch) -> None:
    """Pods that cannot be created are nobody's fault."""
    patch(unmade_pods, "refusals", lambda view, missing, now: ())


@mutant
def only_words_of_ours_count(patch: Patch) -> None:
    """Found in the product: only refusals that name a resource are the size's fault."""
    usual = unmade_pods.refusals

    def named(*args: Any) -> Any:
        return [(t, words) for t, words in usual(*args) if "cpu" in words]

    patch(unmade_pods, "refusals", named)


@mutant
def nothing_asked_before(patch: Patch) -> None:
    """A pod is handed over and nobody asked whether that is allowed."""
    patch(Rehearsal, "questions", lambda self: ())


@mutant
def silence_is_no_refusal(patch: Patch) -> None:
    """Found in the product: what is not answered is asked again every few seconds, for ever."""
    patch(eviction, "held_up", lambda gateway, pod, error: None)


@mutant
def refusals_asked_each_cycle(patch: Patch) -> None:
    """What is refused is asked again at once."""
    patch(Pace, "early", lambda self, action, now, seen=None: False)
    patch(Pace, "surge_refused", lambda self, view, now: None)


@mutant
def asked_each_few_seconds(patch: Patch) -> None:
    """Found in the product: what is not somebody's refusal is asked again every six seconds."""
    patch(pauses, "after", lambda last, kind, out: pauses.AGAIN)


@mutant
def asked_each_half_minute(patch: Patch) -> None:
    """Found in the product: a budget that is used up is asked each half minute."""
    patch(pauses, "after", lambda last, kind, out: max(pauses.AGAIN, min(2 * last, 24.0)))


@mutant
def drained_by_its_labels(patch: Patch) -> None:
    """Found in the product: a pod whose labels are not its template's is taken to be drained."""
    usual = held_case._drained

    def drained(held: Any) -> bool:
        labels = held.metadata.labels or {}
        return usual(held) or labels.get("tier", "silver") != "silver"

    patch(held_case, "_drained", drained)
