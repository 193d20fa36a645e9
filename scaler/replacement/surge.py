"""Can the replacement be Ready before the pod goes? Pure. The first row that holds decides.

| the workload, its pod                                 | surge is impossible, because             |
| ----------------------------------------------------- | ---------------------------------------- |
| `scaler.surge.enabled: false`, or no rights policy    | the scaler may not hand pods over        |
| `disruption: evict`, `delete`                         | the workload opts out                    |
| StatefulSet                                           | the replacement has the same name        |
| DaemonSet                                             | it has one pod on each node              |
| Deployment with `Recreate` or `maxSurge: 0`           | it forbids two pods at once              |
| another controller's selector matches the pod, too    | handed back, that one could adopt it and |
| (adopters.py)                                         | remove it for one too many               |
| a volume that only one pod or node may use            | the second pod could not mount it        |
| a ResourceQuota does not admit both                   | the second pod would be refused          |
| no node has room for both: CPU, memory, a device, a   | preemption is never assumed              |
| port of the host, what pods require of each other     |                                          |
| only the scheduler knows which node is right, and     | it could push out a neighbour            |
| there are pods of lower priority                      |                                          |
| any other, modelled or not (shared volumes, claims)   | possible; if the replacement stays       |
|                                                       | Pending, the pod is handed back          |
"""

from collections.abc import Callable

from msgspec import Struct

from kube import objects
from scaler.annotations.options import Disruption, Settings
from scaler.cluster.view import View
from scaler.feasibility.quota_usage import Quota
from scaler.feasibility.rescheduling import Obstacle, Places
from store.model import Sizes


class Asked(Struct, frozen=True):
    """The questions about a surge. `refused`: why no pod may be handed over; None: it may.

    `obstacle`: why pods fit on no node. `quota`: why a quota admits no second pod.
    """

    refused: str | None
    places: Places
    obstacle: Obstacle
    quota: Quota
    adopter: Callable[[objects.Pod], str | None] = lambda pod: None
    """Which other controller would adopt the pod while it has none."""


_NEVER = {
    "StatefulSet": "the replacement of a StatefulSet's pod has its name",
    "DaemonSet": "a DaemonSet has one pod on each node",
}


def unable(
    view: View, settings: Settings, pod: objects.Pod, sizes: Sizes, asked: Asked
) -> str | None:
    """Why surge is impossible, by the table above; None: it is possible.

    `sizes`: what the replacement will have.
    """
    message = barred(view, settings, pod, asked) or asked.quota(view, [pod], sizes)
    return message or asked.places.beside(pod, sizes)


def barred(view: View, settings: Settings, pod: objects.Pod, asked: Asked) -> str | None:
    """The table above without the rows on quotas and free capacity."""
    if asked.refused:
        return asked.refused
    if settings.disruption is not Disruption.SURGE:
        return f"disruption: {settings.disruption}"
    if message := _NEVER.get(view.workload.kind) or _forbidden(view):
        return message
    if other := asked.adopter(pod):
        return f"the selector of {other} matches it too: it could adopt the pod"
    return asked.places.exclusive(pod)


def obstacle(view: View, settings: Settings, sizes: Sizes, asked: Asked) -> str | None:
    """Why pods with these sizes would fit on no node; None: they would, or surge can try it.

    Tried is only what cannot be known: the scheduler decides on a real replacement, for which there
    is room somewhere, and the old pod is handed back if that stays Pending.
    """
    message = asked.obstacle(view.pods, sizes)
    if message is None:
        return None
    tried = all(
        asked.places.unmodelled(p) and not unable(view, settings, p, sizes, asked)
        for p in view.pods
    )
    return None if tried else message


def _forbidden(view: View) -> str | None:
    if view.workload.kind != "Deployment" or view.owner is None:
        return None
    strategy = view.owner.spec.strategy
    if strategy.type == "Recreate":
        return "the Deployment's strategy is Recreate"
    most = strategy.rolling_update.max_surge if strategy.rolling_update else None
    return "the Deployment's maxSurge is 0" if str(most) in ("0", "0%") else None
