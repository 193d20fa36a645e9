"""Can the pod's replacement be there before the pod goes? Pure. The first row that holds decides.

| the workload, its pod                                  | cannot, because                     |
| ------------------------------------------------------ | ----------------------------------- |
| `scaler.surge.enabled: false`, or no rights policy     | we may not                          |
| `disruption: evict`, `delete`                          | it opts out                         |
| StatefulSet                                            | the second one would have its name  |
| DaemonSet                                              | there is one on each node           |
| Deployment with `Recreate` or `maxSurge: 0`            | its author forbids two at once      |
| a volume that only one pod or node may use             | the second one could not have it    |
| ports of the host, and no second node                  | they are there once                 |
| a ResourceQuota does not let both in                   | the second one would be refused     |
| no node has room for both                              | nothing is ever pushed out          |
| anything else, known or not (affinity, spread, claims) | it can: else the replacement stays  |
|                                                        | Pending, and the pod is handed back |
"""

from dataclasses import dataclass

from kube import objects
from scaler.annotations.options import Disruption, Settings
from scaler.cluster.view import View
from scaler.feasibility.quota_usage import Quota
from scaler.feasibility.rescheduling import Obstacle, Places
from store.model import Sizes


@dataclass(frozen=True)
class Asked:
    """What is asked about a surge. `unfenced`: why no pod may be handed over; None: it may.

    `obstacle` says why pods fit nowhere, `quota` why one is not let in beside the old one.
    """

    unfenced: str | None
    places: Places
    obstacle: Obstacle
    quota: Quota


_NEVER = {
    "StatefulSet": "the replacement of a StatefulSet's pod has its name",
    "DaemonSet": "a DaemonSet has one pod on each node",
}


def unable(
    view: View, settings: Settings, pod: objects.Pod, sizes: Sizes, asked: Asked
) -> str | None:
    """The table above; `sizes`: what the replacement will have. None: it can."""
    told = barred(view, settings, pod, asked) or asked.quota(view, [pod], sizes)
    return told or asked.places.beside(pod, sizes)


def barred(view: View, settings: Settings, pod: objects.Pod, asked: Asked) -> str | None:
    """The table above but for quotas and room."""
    if asked.unfenced:
        return asked.unfenced
    if settings.disruption is not Disruption.SURGE:
        return f"disruption: {settings.disruption}"
    if told := _NEVER.get(view.workload.kind) or _forbidden(view):
        return told
    return asked.places.exclusive(pod)


def obstacle(view: View, settings: Settings, sizes: Sizes, asked: Asked) -> str | None:
    """Why pods with these sizes would fit nowhere.

    Where nobody can say, the scheduler may be asked with a pod that goes unless it is placed.
    """
    for pod in view.pods:
        if asked.places.unforeseen(pod) and not barred(view, settings, pod, asked):
            return None
    return asked.obstacle(view.pods, sizes)


def _forbidden(view: View) -> str | None:
    if view.workload.kind != "Deployment" or view.owner is None:
        return None
    strategy = view.owner.spec.strategy
    if strategy.type == "Recreate":
        return "the Deployment's strategy is Recreate"
    most = strategy.rolling_update.max_surge if strategy.rolling_update else None
    return "the Deployment's maxSurge is 0" if str(most).rstrip("%") == "0" else None
