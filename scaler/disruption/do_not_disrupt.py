"""Pods that annotations protect from voluntary disruption. Pure.

The annotations are those of other tools that evict pods. They ask for the same as a
PodDisruptionBudget that allows no disruption, so the reason is `DisruptionBudget`. It lasts until
the annotation is removed.

| annotation on the pod, or on its workload's template          | the pod is              |
| ------------------------------------------------------------- | ----------------------- |
| `cluster-autoscaler.kubernetes.io/safe-to-evict: "false"`     | never replaced          |
| `karpenter.sh/do-not-disrupt: "true"`                         | never replaced          |
| `karpenter.sh/do-not-evict: "true"`, its former name          | never replaced          |
| any of them with another value                                | replaced like any other |

The other pods of the workload are replaced. Volume claims are not a matter of annotations: the fit
check cannot foresee where a pod with one would go (`NoNodeFits`, see unmodelled.py).
"""

from collections.abc import Sequence

from kube import objects
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View

_PROTECTING = (
    ("cluster-autoscaler.kubernetes.io/safe-to-evict", "false"),
    ("karpenter.sh/do-not-disrupt", "true"),
    ("karpenter.sh/do-not-evict", "true"),
)


def why(view: View, pod: PodState) -> str | None:
    """The annotation that protects the pod; None: none does."""
    template = view.owner.spec.template.metadata if view.owner else objects.Meta()
    for name, value in _PROTECTING:
        if value in (pod.pod.metadata.annotation(name), template.annotation(name)):
            return f'{name}: "{value}"'
    return None


def message(view: View, pods: Sequence[PodState]) -> str:
    """The message for `pods`, all of which are protected."""
    names = ", ".join(p.name for p in pods[:3])
    return f"not to be disrupted: {names}; annotated {why(view, pods[0])}"
