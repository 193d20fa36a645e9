"""Pods of which people said that nobody may take them to rearrange things. Pure.

These are words to other disrupters, and what they ask for is what a budget of zero asks for: hence
`DisruptionBudget`, which lasts until the words are taken away.

| annotation on the pod, or on its workload's template          | the pod is          |
| ------------------------------------------------------------- | ------------------- |
| `cluster-autoscaler.kubernetes.io/safe-to-evict: "false"`     | never taken         |
| `karpenter.sh/do-not-disrupt: "true"`                         | never taken         |
| `karpenter.sh/do-not-evict: "true"`, its former name          | never taken         |
| any of them with another value                                | taken as any other  |

The other pods of the workload are taken. Claims that only one node may mount (ReadWriteOnce) are
beyond what the fit check can foresee, as all claims are: `NoNodeFits`, see unmodelled.py.
"""

from collections.abc import Sequence

from kube import objects
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View

_WORDS = (
    ("cluster-autoscaler.kubernetes.io/safe-to-evict", "false"),
    ("karpenter.sh/do-not-disrupt", "true"),
    ("karpenter.sh/do-not-evict", "true"),
)


def why(view: View, pod: PodState) -> str | None:
    """The annotation that forbids it; None where nothing does."""
    template = view.owner.spec.template.metadata if view.owner else objects.Meta()
    for name, value in _WORDS:
        if value in (pod.pod.metadata.annotation(name), template.annotation(name)):
            return f'{name}: "{value}"'
    return None


def told(view: View, pods: Sequence[PodState]) -> str:
    """A sentence about pods that are all protected."""
    names = ", ".join(p.name for p in pods[:3])
    return f"not to be taken: {names}; annotated {why(view, pods[0])}"
