"""Asks a pod's kubelet for a size in place. Nothing of the pod restarts.

In this order, so that it is safe to be killed anywhere:

| asked or done                                        | a no is                                   |
| ---------------------------------------------------- | ----------------------------------------- |
| the webhook answers a probe with the stored revision | `WebhookUnverified`                       |
| a fresh list of the pods leads to the same resize    | nothing: the watch lags, look again       |
| the resize, with the pod's UID and resource version  | by resizing/refusal.py: it is replaced,   |
|                                                      | if that may be                            |

A resize that was refused is asked for as a dry run first, the next time (questions.py).

What the kubelet makes of it is seen of the pod, in the cycles that follow.
"""

from dataclasses import dataclass, field

from kube import kinds, objects
from kube.errors import KubeError
from kube.gateway import STRATEGIC_PATCH, Gateway
from scaler.cluster.resizes import MANAGER
from scaler.execution.preflight import LastLook, Recheck
from scaler.execution.questions import WEBHOOK, Question, Questions
from scaler.execution.webhook_probe import Probe
from scaler.model import Outcome, Resize
from scaler.resizing import refusal
from store.sizes import size_to_json

_RESIZE = "resize"


@dataclass(frozen=True)
class Resizer:
    """Resizes through one API server."""

    gateway: Gateway
    probe: Probe

    asked: Questions = field(default_factory=Questions)

    def resize(self, action: Resize, recheck: Recheck) -> Outcome:
        """By the module's table. Raises KubeError for what is nobody's refusal."""
        w, look = action.workload, LastLook(self.gateway, action, recheck)

        def dry() -> Outcome | None:
            return look.same() or self._send(action, look.pod, dryRun="All")

        webhook: Question = (WEBHOOK, lambda: self.probe.no(action, patient=True))
        asked = (*(() if action.withdraws else (webhook,)), *self.asked.again(w, _RESIZE, dry))
        if no := self.asked.no(w, asked, (("pods", look.same),)):
            return no
        with self.asked.doing(w, _RESIZE):
            if no := self._send(action, look.pod):
                self.asked.failed(w, _RESIZE)
        return no or Outcome(done=True)

    def _send(self, action: Resize, pod: objects.Pod, **query: str) -> Outcome | None:
        """None where it was granted."""
        path = kinds.POD.path(action.workload.namespace, action.pod, "resize")
        body = _body(action, pod)
        try:
            self.gateway.patch(path, body, STRATEGIC_PATCH, fieldManager=MANAGER, **query)
        except KubeError as e:
            found = refusal.of(e, action.pod)
            if found is None:
                raise
            return Outcome(done=False, reason=found[0], message=found[1])
        return None


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
