"""Is a plan still right when the pods are looked at again, just before it is carried out? Pure."""

from collections.abc import Iterable
from dataclasses import replace

from kube import objects
from kube.pods import living
from scaler.cluster.view import View
from scaler.model import Evict, HandOver, Swap, Verdict, Write, mends
from scaler.planning import plan
from scaler.planning.context import Context

_TEMPLATE_HASH = "pod-template-hash"


def still(seen: View, verdict: Verdict, context: Context, pods: Iterable[objects.Pod]) -> bool:
    """Whether the verdict does the same in the light of a fresh list of the namespace's."""
    pods = list(pods)
    if seen.workload.kind == "Deployment" and any(_of_unseen_set(seen, p) for p in pods):
        return False  # a rollout has begun that no watch has told of yet
    by = [(r.uid, p) for p in pods if (r := p.metadata.controller())]
    mine = living(p for uid, p in by if uid in seen.controllers)
    held = living(p for uid, p in by if seen.podsize and uid == seen.podsize.uid)
    again = plan.plan(replace(seen, pods=mine, held=held), context)
    before, after = verdict.action, again.action if again else None
    if isinstance(before, Write) and isinstance(after, Write):
        return before.status.size == after.status.size
    if not isinstance(before, Evict | HandOver | Swap) or type(before) is not type(after):
        return False
    same = isinstance(after, Evict | HandOver | Swap) and before.uid == after.uid
    return same and mends(before) is mends(after)  # one in need may be Ready by now


def _of_unseen_set(seen: View, pod: objects.Pod) -> bool:
    owner, labels = pod.metadata.controller(), pod.metadata.labels or {}
    if owner is None or owner.kind != "ReplicaSet" or owner.uid in seen.controllers:
        return False
    return owner.name == f"{seen.workload.name}-{labels.get(_TEMPLATE_HASH)}"
