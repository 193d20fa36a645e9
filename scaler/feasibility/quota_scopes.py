"""Which pods a ResourceQuota applies to. Pure.

| scope                              | a pod counts                                            |
| ---------------------------------- | ------------------------------------------------------- |
| BestEffort, NotBestEffort          | by its QoS class, which podtailor never changes         |
| Terminating, NotTerminating        | if it has, has no `activeDeadlineSeconds`               |
| PriorityClass                      | by the name of its priority class and the operator      |
| CrossNamespacePodAffinity          | if it has any pod affinity or anti-affinity             |
| any other, or an unknown operator  | always: refusing a pod in error is the safer mistake    |

All of a quota's scopes must match.
"""

from kube import objects
from scaler.cluster.pod_sizes import sizes_of
from store.qos import qos_class


def applies(quota: objects.ResourceQuota, pod: objects.Pod) -> bool:
    """Whether the quota applies to the pod."""
    selector = quota.spec.scope_selector
    selected = selector.match_expressions or () if selector else ()
    named = [objects.ScopeRequirement(scope) for scope in quota.spec.scopes or ()]
    return all(_matches(requirement, pod) for requirement in [*named, *selected])


def _matches(asked: objects.ScopeRequirement, pod: objects.Pod) -> bool:
    match asked.scope_name:
        case "BestEffort":
            return _best_effort(pod)
        case "NotBestEffort":
            return not _best_effort(pod)
        case "Terminating":
            return pod.spec.active_deadline_seconds is not None
        case "NotTerminating":
            return pod.spec.active_deadline_seconds is None
        case "PriorityClass":
            return _priority(asked, pod.spec.priority_class_name)
        case "CrossNamespacePodAffinity":
            affinity = pod.spec.affinity
            return bool(affinity and (affinity.pod_affinity or affinity.pod_anti_affinity))
    return True


def _best_effort(pod: objects.Pod) -> bool:
    return qos_class(sizes_of(pod).values()) == "BestEffort"


def _priority(asked: objects.ScopeRequirement, name: str) -> bool:
    values = asked.values or []
    match asked.operator:
        case "In":
            return name in values
        case "NotIn":
            return name not in values
        case "Exists":
            return bool(name)
        case "DoesNotExist":
            return not name
    return True
