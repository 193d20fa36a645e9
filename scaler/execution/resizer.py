"""Asks a pod's kubelet for a size in place. Nothing of the pod restarts.

In this order, so that it is safe to be killed anywhere:

| asked or done                                        | a no is                                   |
| ---------------------------------------------------- | ----------------------------------------- |
| the webhook answers a probe with the stored revision | `WebhookUnverified`                       |
| a fresh list of the pods leads to the same resize    | nothing: the watch lags, look again       |
| the resize, with the pod's UID and resource version  | by resizing/refusal.py: it is replaced,   |
|                                                      | if that may be                            |

What the kubelet makes of it is seen of the pod, in the cycles that follow.
"""

from dataclasses import dataclass

from kube import kinds, objects
from kube.errors import KubeError
from kube.gateway import STRATEGIC_PATCH, Gateway
from scaler.cluster.resizes import MANAGER
from scaler.execution.preflight import CHANGED, Recheck, pods_now
from scaler.execution.webhook_probe import Probe
from scaler.model import Outcome, Resize
from scaler.resizing import refusal
from store.reasons import Reason
from store.sizes import size_to_json


@dataclass(frozen=True)
class Resizer:
    """Resizes through one API server."""

    gateway: Gateway
    probe: Probe

    def resize(self, action: Resize, recheck: Recheck) -> Outcome:
        """By the module's table. Raises KubeError for what is nobody's refusal."""
        w = action.workload
        message = None if action.withdraws else self.probe.shortcoming(w, action.size.revision)
        if message:
            return Outcome(done=False, reason=Reason.WEBHOOK_UNVERIFIED, message=message)
        pods = pods_now(self.gateway, w.namespace)
        pod = next((p for p in pods if p.metadata.uid == action.uid), None)
        if pod is None or not recheck(pods):
            return CHANGED
        path = kinds.POD.path(w.namespace, action.pod, "resize")
        try:
            self.gateway.patch(path, _body(action, pod), STRATEGIC_PATCH, fieldManager=MANAGER)
        except KubeError as e:
            found = refusal.of(e, action.pod)
            if found is None:
                raise
            return Outcome(done=False, reason=found[0], message=found[1])
        return Outcome(done=True)


def _body(action: Resize, pod: objects.Pod) -> dict[str, object]:
    meta, spec = pod.metadata, pod.spec
    parts = {"containers": spec.containers, "initContainers": spec.init_containers or ()}
    resized = {
        part: [
            {"name": c.name, "resources": size_to_json(action.sizes[c.name])}
            for c in found
            if c.name in action.sizes
        ]
        for part, found in parts.items()
    }
    return {
        "metadata": {"uid": meta.uid, "resourceVersion": meta.resource_version},
        "spec": {part: found for part, found in resized.items() if found},
    }
