"""What is the one thing to do about a held pod? The first of CHECKS that answers decides. Pure.

A held pod is one whose controller is its PodSize (found by owner reference, never by label), so its
owner has made another in its place. No state is kept: whoever finds a held pod goes on from here.
docs/checks.md has the checks as a table.

Handed back, its owner has one pod too many and removes one that is not Ready first: never while all
are Ready, even if not yet for `minReadySeconds`. An owner that wants fewer pods meanwhile changes
nothing but the number.
"""

from scaler.checks import Checks
from scaler.cluster import terminating as terminating_pods
from scaler.health.unhealthy_pods import unscheduled
from scaler.replacement.held_case import HeldCase, Step, Way


def step(case: HeldCase) -> Step:
    """The one thing to do about the held pod."""
    return CHECKS.first(case)


def terminating(case: HeldCase) -> Step | None:
    """It is being deleted: wait until it is gone."""
    if not case.held.metadata.deletion_timestamp:
        return None
    why = terminating_pods.message([case.held], case.silent, case.now)
    return Step(case.held, Way.WAIT, why)


def workload_gone(case: HeldCase) -> Step | None:
    """The workload is gone: hand back, as the other pods are free too."""
    return _back(case, "the workload is gone") if case.view.owner is None else None


def drained(case: HeldCase) -> Step | None:
    """It is drained, and as many others as desired are Ready, at least one: delete."""
    return _finished(case) if case.replaced and case.drained else None


def replaced(case: HeldCase) -> Step | None:
    """As many others as desired are Ready, at least one: drain."""
    return _finished(case) if case.replaced else None


def none_to_wait_for(case: HeldCase) -> Step | None:
    """No owner would adopt it (that is gone, or it is drained), and no pod is desired: drain, or
    delete where it is drained."""
    return _finished(case) if case.unadoptable and not case.view.desired_replicas else None


def deletion_asked_for(case: HeldCase) -> Step | None:
    """`disruption: delete` is set, or it is down for want of memory (oom_kills.py), and nothing
    calls the replacement off: delete at once."""
    if not case.deletes or any(check(case) for check in CALLED_OFF):
        return None
    return Step(case.held, Way.DELETE_AT_ONCE, f"{case.name} is deleted")


def in_the_way(case: HeldCase) -> Step | None:
    """It is drained, and another pod finds no node: delete, where it serves nobody (no Service
    selects it), as it only takes the room."""
    if not case.drained:
        return None
    message = next(unscheduled(case.view, case.deadline, case.now), None)
    return Step(case.held, Way.END_IDLE, f"{_alone(case)}; {message}") if message else None


def no_way_back(case: HeldCase) -> Step | None:
    """No owner would adopt it: wait until the others are Ready."""
    return Step(case.held, Way.WAIT, _alone(case)) if case.unadoptable else None


def not_yet_available(case: HeldCase) -> Step | None:
    """As many others as desired are Ready, but not yet for `minReadySeconds`: wait, whatever calls
    the replacement off, as the owner would remove a pod that is Ready."""
    return replacement_starting(case) if case.all_ready else None


def none_desired(case: HeldCase) -> Step | None:
    """No pod is desired any more: hand back, it goes with the others."""
    return None if case.view.desired_replicas else _back(case, "no pod is wanted any more")


def stopped(case: HeldCase) -> Step | None:
    """The workload is paused, off, only observed, another autoscaler's, or an annotation is
    malformed: hand back."""
    return _back(case, case.stopped) if case.stopped else None


def current(case: HeldCase) -> Step | None:
    """It has just what the store says, as a size was rolled back: hand back."""
    if not case.view.compared(case.held, case.view.size).current:
        return None
    return _back(case, f"{case.name} is as it should be")


def rollout_begun(case: HeldCase) -> Step | None:
    """A rollout has begun: hand back, the rollout removes it."""
    return _back(case, case.rollout) if case.rollout else None


def replacement_fails(case: HeldCase) -> Step | None:
    """Another pod cannot be scheduled, crash-loops or is late, or the owner may not create one:
    hand back, and back off."""
    found = next(case.failures(), None)
    if found is None:
        return None
    return Step(case.held, Way.HAND_BACK, found.message, failed=True, cause=found.cause)


def same_name(case: HeldCase) -> Step | None:
    """It was held to be deleted at once, and is up again: hand back, as a StatefulSet makes no
    other pod of its name while it is there."""
    if case.view.workload.kind != "StatefulSet" or not case.missing:
        return None
    return _back(case, f"no other {case.name} can be made beside it")


def replacement_missing(case: HeldCase) -> Step | None:
    """Another pod is missing: wait."""
    return replacement_starting(case) if case.missing else None


def replacement_starting(case: HeldCase) -> Step:
    """Another pod is starting: wait."""
    return Step(case.held, Way.WAIT, f"{case.name} stays until {case.waiting}")


def _back(case: HeldCase, why: str) -> Step:
    return Step(case.held, Way.HAND_BACK, why)


def _finished(case: HeldCase) -> Step:
    why = f"{case.name} is replaced"
    if case.others:
        why += f" by {case.others[-1].name}"
    return Step(case.held, Way.DELETE if case.drained else Way.DRAIN, why)


def _alone(case: HeldCase) -> str:
    return f"nobody would adopt {case.name} again; it stays until {case.waiting}"


CALLED_OFF = (none_desired, stopped, current, rollout_begun)
"""The checks that answer where the replacement is not wanted any more."""

CHECKS = Checks(
    "What is done about a held pod",
    (
        terminating,
        workload_gone,
        drained,
        replaced,
        none_to_wait_for,
        deletion_asked_for,
        in_the_way,
        no_way_back,
        not_yet_available,
        *CALLED_OFF,
        replacement_fails,
        same_name,
        replacement_missing,
    ),
    replacement_starting,
)
