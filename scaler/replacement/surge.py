"""Can the pod's replacement be there before the pod goes? Pure. The first row that holds decides.

| the workload, its pod                                            | cannot, because                     |
| ---------------------------------------------------------------- | ----------------------------------- |
| `scaler.surge.enabled: false`, or no fence: see rights_policy.py | we may not                          |
| `disruption: evict`, `delete`                                    | it opts out                         |
| StatefulSet                                                      | the second one would have its name  |
| DaemonSet                                                        | there is one on each node           |
| Deployment with `Recreate` or `maxSurge: 0`                      | its author forbids two at once      |
| a volume that only one pod or node may use                       | the second one could not have it    |
| ports of the host, and no second node                            | they are there once                 |
| a ResourceQuota does not let both in                             | the second one would be refused     |
| no node has room for both                                        | nothing is ever pushed out          |
| anything else, known or not (affinity, spread, claims)           | it can: else the replacement stays  |
|                                                                  | Pending, and the pod is handed back |
"""

from kube import objects
from scaler.annotations.options import Disruption, Settings
from scaler.cluster.view import View
from scaler.feasibility.rescheduling import Sizes
from scaler.planning.context import Around

_NEVER = {
    "StatefulSet": "the replacement of a StatefulSet's pod has its name",
    "DaemonSet": "a DaemonSet has one pod on each node",
}


def unable(
    view: View, settings: Settings, pod: objects.Pod, sizes: Sizes, around: Around
) -> str | None:
    """The table above; `sizes`: what the replacement will have. None: it can."""
    told = barred(view, settings, pod, around) or around.quota_beside(view, [pod], sizes)
    return told or around.places.beside(pod, sizes)


def barred(view: View, settings: Settings, pod: objects.Pod, around: Around) -> str | None:
    """The table above but for quotas and room."""
    if around.unfenced:
        return around.unfenced
    if settings.disruption is not Disruption.SURGE:
        return f"disruption: {settings.disruption}"
    if told := _NEVER.get(view.workload.kind) or _forbidden(view):
        return told
    return around.places.exclusive(pod)


def obstacle(view: View, settings: Settings, sizes: Sizes, around: Around) -> str | None:
    """Why pods with these sizes would fit nowhere.

    Where nobody can say, the scheduler may be asked with a pod that goes unless it is placed.
    """
    for pod in view.pods:
        asked = around.places.unforeseen(pod) and not barred(view, settings, pod, around)
        if asked:
            return None
    return around.obstacle(view.pods, sizes)


def _forbidden(view: View) -> str | None:
    if view.workload.kind != "Deployment" or view.owner is None:
        return None
    strategy = view.owner.spec.strategy
    if strategy.type == "Recreate":
        return "the Deployment's strategy is Recreate"
    most = strategy.rolling_update.max_surge if strategy.rolling_update else None
    return "the Deployment's maxSurge is 0" if str(most).rstrip("%") == "0" else None
