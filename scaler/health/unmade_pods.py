"""Pods that are missing as their owner cannot create them: since when, and in whose words. Pure.

Whoever refuses them (a policy, a webhook, a right) may say so in any words, so only the time
counts. An owner tries again 0.4, 1, 1.6, 3, 5.5, 10.5, 21, 41 s and so on after its first try: a
size that leaves the store within 15 s lets the pod come back with the try after 21 s.

| owner                                    | its pods are refused since                      |
| ---------------------------------------- | ----------------------------------------------- |
| ReplicationController, ReplicaSet (also  | its condition `ReplicaFailure` says so; it      |
| a Deployment's)                          | has the refuser's words                         |
| StatefulSet, DaemonSet                   | we saw fewer pods than desired, as the owner    |
|                                          | itself counts them, with nothing that the next  |
|                                          | one would have to wait for; no words are known  |
| any, and the size was written after that | the size was written                            |
| any, and a clock makes that the future   | we saw that pods are missing                    |
| any, while a pod is held for a trial     | the first refusal: that was the trial           |

What we saw is forgotten by a restart, which costs as much time again and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping

from kube import objects, timestamps
from scaler.cluster import backoff, rollout
from scaler.cluster.view import View
from store.model import Workload

PATIENCE = 10.0
"""Seconds that an owner is given, as somebody's webhook may be away for a moment."""

LOOK_AGAIN = 2.0
"""Seconds between two cycles while pods are missing."""

Missing = Mapping[Workload, float]
"""Since when (seconds since the epoch) a workload's owner has been seen unable to create pods."""

_SILENT = ("StatefulSet", "DaemonSet")
"""Kinds that put no refusal into their status."""


def remembered(before: Missing, views: Iterable[View], now: float) -> dict[Workload, float]:
    """`before` with what is seen now. A clock that steps back begins again."""
    short = [v.workload for v in views if v.size and _short(v)]
    return {w: min(before.get(w, now), now) for w in short}


def refusals(view: View, missing: Missing, now: float) -> Iterator[tuple[objects.PodSpec, str]]:
    """Of each owner whose pods have been refused for too long: their template, and why."""
    owner = view.owner
    if owner is None or not _short(view):
        return
    seen, written = missing.get(view.workload, now), backoff.written_at(view.status) or 0.0
    for template, words, since in _found(view, owner, missing):
        begun = max(since, written)
        patience = 0.0 if view.held else PATIENCE
        if now - (begun if begun <= now else seen) >= patience:
            yield template, words


def waited_for(view: View, missing: Missing) -> bool:
    """Whether its pods are refused while a size of ours is in force, so that seconds count."""
    if view.workload not in missing or view.owner is None:
        return False
    return bool(view.size and view.size.containers) and any(_found(view, view.owner, missing))


def _found(
    view: View, owner: objects.Owner, missing: Missing
) -> Iterator[tuple[objects.PodSpec, str, float]]:
    """Template, words, and since when."""
    if view.workload.kind in _SILENT:
        if (since := missing.get(view.workload)) is not None:
            there = f"{len(view.pods)} of {view.desired_replicas} pods are there"
            where = f"{view.workload.kind.lower()}/{view.workload.name}"
            message = f"{there}, and no other is created: the events of {where} say who refuses it"
            yield owner.spec.template.spec, message, since
        return
    for one in view.replica_sets or (owner,):
        for c in one.status.conditions or ():
            since = timestamps.seconds(c.last_transition_time)
            refused = (c.type, c.status) == ("ReplicaFailure", "True")
            if refused and since is not None and c.reason != "FailedDelete":
                yield one.spec.template.spec, c.message or c.reason, since


def _short(view: View) -> bool:
    """Whether the owner should have created a pod by now, and has not."""
    owner, kind = view.owner, view.workload.kind
    if owner is None:
        return False
    if kind in _SILENT and view.held:
        return False  # the pod that is being deleted has the next one's name, or its node
    if kind not in _SILENT:
        return len(view.not_terminating) < view.desired_replicas
    if owner.status.observed_generation < owner.metadata.generation:
        return False
    if kind == "DaemonSet":
        counted = owner.status.current_number_scheduled
        return counted < view.desired_replicas and len(view.pods) < view.desired_replicas
    return owner.status.replicas < view.desired_replicas and _next_is_due(view, owner)


def _next_is_due(view: View, owner: objects.Owner) -> bool:
    """Whether a StatefulSet's next pod waits for none before it."""
    first = owner.spec.ordinals.start if owner.spec.ordinals else 0
    parallel = owner.spec.pod_management_policy == "Parallel"
    by_number = {rollout.ordinal(s.pod): s for s in view.states}
    for number in range(first, first + view.desired_replicas):
        state = by_number.get(number)
        if state is None:
            return True
        if not (parallel or state.ready):
            return False
    return False
