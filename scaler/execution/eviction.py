"""Takes one pod by eviction, after everything that could stand in the way was asked.

In this order, so that it is safe to be killed anywhere and a refusal costs nothing:

| asked or done                                        | a no is                              |
| ---------------------------------------------------- | ------------------------------------ |
| the webhook answers a probe with the stored revision | `WebhookUnverified`                  |
| the eviction as a dry run                            | `DisruptionBudget`                   |
| the pod's owner still has the template of the pod    | `TemplateChanged`                    |
| a fresh list of the pods leads to the same pod       | nothing: the watch lags, look again  |
| the status says that it is taken, and counts it      | nothing: somebody wrote first        |
| the eviction, with the pod's UID as precondition     | `DisruptionBudget`                   |
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from kube import objects
from kube.errors import Forbidden, KubeError, TooMany
from kube.gateway import Gateway
from scaler.execution import template_drift
from scaler.execution.webhook_probe import Probe
from scaler.model import Evict, Outcome
from store.model import Workload
from store.reasons import Reason

RESOURCES = {
    "ReplicationController": "/api/v1/namespaces/{}/replicationcontrollers/{}",
    "ReplicaSet": "/apis/apps/v1/namespaces/{}/replicasets/{}",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments/{}",
    "StatefulSet": "/apis/apps/v1/namespaces/{}/statefulsets/{}",
    "DaemonSet": "/apis/apps/v1/namespaces/{}/daemonsets/{}",
}

_COMPARED = ("ReplicationController", "ReplicaSet")
"""Kinds whose pods carry no mark of the template that they were made from."""

Recheck = Callable[[list[objects.Pod]], bool]
Claim = Callable[[Evict], None]


CHANGED = Outcome(done=False, message="the pods are not as they were seen")
"""What comes of an action where a fresh list does not lead to it again."""


class _Pods(msgspec.Struct):
    items: list[objects.Pod] = []


@dataclass(frozen=True)
class Evictor:
    """Evicts through one API server."""

    gateway: Gateway
    probe: Probe

    def take(self, action: Evict, recheck: Recheck, claim: Claim) -> Outcome:
        """Take the pod; `claim` writes the status. Raises KubeError."""
        if told := self.probe.shortcoming(action.workload, action.size.revision):
            return Outcome(done=False, reason=Reason.WEBHOOK_UNVERIFIED, message=told)
        if refused := self._evict(action, dry=True):
            return refused
        if told := another_program(self.gateway, action.workload, action.pod):
            return Outcome(done=False, reason=Reason.TEMPLATE_CHANGED, message=told)
        if not recheck(pods_now(self.gateway, action.workload.namespace)):
            return CHANGED
        claim(action)
        return self._evict(action, dry=False) or Outcome(done=True)

    def _evict(self, action: Evict, *, dry: bool) -> Outcome | None:
        """None where it was granted."""
        path = f"/api/v1/namespaces/{action.workload.namespace}/pods/{action.pod}/eviction"
        try:
            self.gateway.post(path, _eviction(action, dry=dry))
        except TooMany as e:
            return Outcome(done=False, reason=Reason.DISRUPTION_BUDGET, message=e.message)
        except Forbidden as e:
            return Outcome(done=False, message=f"no right to evict: {e.message}")
        except KubeError as e:
            if "PodDisruptionBudget" not in e.message:
                raise
            # Several budgets select the pod: the server evicts none of those, with status 500.
            return Outcome(done=False, reason=Reason.DISRUPTION_BUDGET, message=e.message)
        return None


def another_program(gateway: Gateway, workload: Workload, pod: str) -> str | None:
    """Why a pod would come back as another program. Raises KubeError."""
    if workload.kind not in _COMPARED:
        return None
    path = RESOURCES[workload.kind].format(workload.namespace, workload.name)
    owner = msgspec.json.decode(gateway.get(path))
    path = f"/api/v1/namespaces/{workload.namespace}/pods/{pod}"
    return template_drift.moved_on(
        owner["spec"]["template"], msgspec.json.decode(gateway.get(path))
    )


def pods_now(gateway: Gateway, namespace: str) -> list[objects.Pod]:
    """A fresh list of a namespace's pods. Raises KubeError."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    return msgspec.json.decode(gateway.get(path), type=_Pods).items


def _eviction(action: Evict, *, dry: bool) -> dict[str, object]:
    options: dict[str, object] = {"preconditions": {"uid": action.uid}}
    if dry:
        options["dryRun"] = ["All"]
    return {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": action.pod, "namespace": action.workload.namespace},
        "deleteOptions": options,
    }
