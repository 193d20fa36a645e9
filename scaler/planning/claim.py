"""Takes the next pod of a workload on record, before anything is done to it. Pure."""

from dataclasses import replace

from scaler.cluster.view import View
from scaler.disruption import restart_budget
from scaler.model import Evict, HandOver, Standing, Take
from scaler.replacement.candidate import Next
from scaler.status import conditions, update
from store.model import Phase, PodSize, Status
from store.reasons import Reason


def claim(view: View, podsize: PodSize, status: Status, following: Next, now: float) -> Take | None:
    """Take the next pod; None where none is to be taken.

    The status that it carries is written just before: the pod is on record as taken, whatever
    happens to us afterwards.
    """
    if following.pod is None or view.size is None:
        return None
    meta, mends = following.pod.metadata, following.phase is Phase.ROLLED_BACK
    by = "by deletion" if following.deletes else f"by eviction: {following.unable}"
    instead = f", {by}" if following.unable else ""
    words = f"{meta.name} is being replaced{instead}"
    told = Standing(Phase.APPLYING, Reason.PENDING_REPLACEMENT, words)
    if mends:
        told = Standing(Phase.ROLLED_BACK, Reason.ROLLED_BACK, following.message)
    status = replace(
        update.stated(view, podsize, status, told, now),
        restarts=restart_budget.one_more(status.restarts, now),
    )
    found = conditions.conditions(podsize.status, status, told, verified=True, now=now)
    claimed = replace(status, conditions=found)
    version = podsize.resource_version
    w, size = view.workload, view.size
    if mends or (following.unable and not following.deletes):
        return Evict(w, meta.name, meta.uid, size, claimed, version, mends, following.unable)
    return HandOver(w, meta.name, meta.uid, podsize.uid, size, claimed, version)
