"""Defects of how a size that does not work is rolled back."""

from typing import Any

from msgspec.structs import replace

from scaler.cluster import backoff
from scaler.health import diagnosis, rollback_target, unhealthy_pods
from scaler.health.startup_deadline import Deadline
from store.model import Apply, Resources, Size
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def outcome_never_verified(patch: Patch) -> None:
    """Whether pods can live with their size is never checked."""
    patch(unhealthy_pods, "unhealthy", lambda view, silent, deadline, now: ())


@mutant
def no_patience(patch: Patch) -> None:
    """A pod counts as unhealthy as soon as it is not Ready."""
    patch(Deadline, "_bounded", lambda self, usual, unknown: 0.0)


@mutant
def store_not_vetted(patch: Patch) -> None:
    """A stored size is not validated again: only existing, unhealthy pods count."""
    patch(diagnosis, "_newcomers", lambda view, size: iter(()))


@mutant
def back_to_the_wrong_size(patch: Patch) -> None:
    """A rollback writes twice of what was last good."""
    usual = rollback_target._targets

    def wrong(view: Any, size: Any, came: Any) -> Any:
        for containers in usual(view, size, came):
            yield tuple(replace(c, size=_twice(c.size)) for c in containers) or size.containers

    patch(rollback_target, "_targets", wrong)


@mutant
def pods_in_need_stay(patch: Patch) -> None:
    """The size is rolled back, and the pod that needs it is not replaced."""
    patch(rollback_target, "helps", lambda view, need, size, ground: False)


@mutant
def rollback_restarts_the_fleet(patch: Patch) -> None:
    """A rollback changes every pod, including healthy ones."""
    usual = rollback_target.due

    def everywhere(*args: Any) -> Any:
        found = usual(*args)
        return found and replace(found, size=replace(found.size, apply=Apply.ALL))

    patch(rollback_target, "due", everywhere)


@mutant
def rollback_tried_again_at_once(patch: Patch) -> None:
    """A size that was rolled back is tried again without a back-off."""
    patch(backoff, "holds", lambda backoff, now: False)


def _twice(size: Size) -> Size:
    def doubled(part: Resources) -> Resources:
        return Resources(*(None if v is None else 2 * v for v in (part.cpu, part.memory)))

    return Size(doubled(size.requests), doubled(size.limits))
