"""May a pod be replaced now, and which one? The first of CHECKS with a result decides. Pure.

There is no state: the next step follows from the pods, their owner and the PodSize alone, so a
scaler that was killed at any point continues there. docs/checks.md has the checks as a table.

| the checks are about                                              | in                  |
| ----------------------------------------------------------------- | ------------------- |
| pods that have come already: do they live with the size?          | `new_pods.py`       |
| pods that get the size in place                                   | `in_place.py`       |
| what holds replacements back for the time being                   | `not_now.py`        |
| replacements that could not come, or only with a gap              | `no_replacement.py` |
"""

from scaler.checks import Checks
from scaler.cluster import rollout
from scaler.replacement import in_place, new_pods, no_replacement, not_now
from scaler.replacement.candidate import Next, NextCase
from store.model import Phase


def next_pod(case: NextCase) -> Next:
    """The pod to replace, or why none is replaced."""
    return in_place.explained(case, CHECKS.first(case))


def nothing_stored(case: NextCase) -> Next | None:
    """No size is stored: there is nothing to do, except that a kubelet may still have an order of
    ours, from before the PodSize was deleted: ask for what the pod has."""
    if case.view.size is not None:
        return None
    return in_place.withdrawn(case) or Next(None, Phase.SETTLED, None)


def settled(case: NextCase) -> Next | None:
    """No pod is to be replaced: all have the stored size, or it is only for new pods (`apply: new`,
    containers in mode `initial`, `observe` or `off`)."""
    if case.outdated:
        return None
    current = bool(case.states) and not case.view.differing
    proven = case.proven or (current and not case.starting)
    return Next(None, Phase.SETTLED, None, proven=proven, lingering=case.lingering)


def replace_next(case: NextCase) -> Next:
    """No check objects: hand the next pod over (and delete it, with `disruption: delete`, or where
    it is down for want of memory), or evict it if surge is impossible."""
    deletes, message = case.limits.deletes, "replacing the next pod"
    unable = case.unable
    if case.down and case.candidate is not None:
        rolling = rollout.unfinished(case.view)
        deletes = case.prospects.deletes and not rolling
        unable = rolling or f"{case.candidate.metadata.name} is down for want of memory"
    return Next(case.candidate, Phase.APPLYING, None, message, unable=unable, deletes=deletes)


CHECKS = Checks(
    "May a pod be replaced now, and which one",
    (
        nothing_stored,
        new_pods.held_up,
        in_place.withdrawn,
        in_place.misplaced,
        new_pods.settling,
        settled,
        not_now.paused,
        new_pods.mismatched,
        not_now.rollout_unfinished,
        in_place.resized_in_place,
        not_now.template_changed,
        not_now.replacement_pending,
        not_now.not_ready,
        no_replacement.single_replica,
        not_now.budget_used_up,
        not_now.protected,
        no_replacement.no_node_fits,
        no_replacement.over_quota,
        no_replacement.class_changes,
        no_replacement.limit_range_refuses,
    ),
    replace_next,
)
