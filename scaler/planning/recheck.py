"""Is a plan still right when the pods are listed again, just before it is carried out? Pure."""

from collections.abc import Iterable

from msgspec.structs import replace

from kube import objects
from kube.pods import living
from scaler.cluster.view import View
from scaler.model import Evict, HandOver, Plan, Resize, Swap, Write, mends
from scaler.planning import plan
from scaler.planning.context import Context

_TEMPLATE_HASH = "pod-template-hash"


def still(view: View, planned: Plan, context: Context, pods: Iterable[objects.Pod]) -> bool:
    """Whether the plan is still the same with a fresh list of the namespace's pods."""
    pods = list(pods)
    if view.workload.kind == "Deployment" and any(_of_unknown_set(view, p) for p in pods):
        return False  # a rollout has begun that no watch has shown yet
    controlled = [(r.uid, p) for p in pods if (r := p.metadata.controller())]
    own = living(p for uid, p in controlled if uid in view.controllers)
    held = living(p for uid, p in controlled if view.podsize and uid == view.podsize.uid)
    again = plan.plan(replace(view, pods=own, held=held), context)
    before, after = planned.action, again.action if again else None
    if isinstance(before, Write) and isinstance(after, Write):
        return before.status.size == after.status.size
    if isinstance(before, Resize) and isinstance(after, Resize):
        return before == after
    if not isinstance(before, Evict | HandOver | Swap) or type(before) is not type(after):
        return False
    same = isinstance(after, Evict | HandOver | Swap) and before.uid == after.uid
    return same and mends(before) is mends(after)  # an unhealthy pod may be Ready by now


def _of_unknown_set(view: View, pod: objects.Pod) -> bool:
    owner, labels = pod.metadata.controller(), pod.metadata.labels or {}
    if owner is None or owner.kind != "ReplicaSet" or owner.uid in view.controllers:
        return False
    return owner.name == f"{view.workload.name}-{labels.get(_TEMPLATE_HASH)}"
