"""Hands a pod over to its PodSize, drains and deletes it, or gives it back.

Each of them looks at a fresh list of the pods first, and names the pod's UID and resource version:
it is safe to be killed anywhere, and whoever else acts meanwhile wins. Before a pod is handed over:

| asked or done                                        | a no is                              |
| ---------------------------------------------------- | ------------------------------------ |
| the rights policy is in force                        | nothing: it is evicted in a moment   |
| the webhook answers a probe with the stored revision | `WebhookUnverified`                  |
| the pod's owner still has the template of the pod    | `TemplateChanged`                    |
| a fresh list of the pods leads to the same pod       | nothing: the watch lags, look again  |
| the status says that it is taken, and counts it      | nothing: somebody wrote first        |
| the PodSize becomes its controller                   | nothing: somebody wrote first        |
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from kube import kinds, objects
from kube.gateway import Gateway
from scaler.execution import draining
from scaler.execution.preflight import CHANGED, Recheck, another_program, pods_now
from scaler.execution.rights_policy import RightsPolicy
from scaler.execution.webhook_probe import Probe
from scaler.model import Delete, Drain, HandBack, HandOver, Outcome
from store.model import PODSIZE
from store.naming import object_name
from store.reasons import Reason

_T = TypeVar("_T")


class _List(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw] = []


@dataclass
class Handover:
    """Works through one API server; `seconds`: between the drain and the end."""

    gateway: Gateway
    probe: Probe
    rights_policy: RightsPolicy
    seconds: float = 2.0
    monotonic: Callable[[], float] = time.monotonic
    _drained: dict[str, float] = field(default_factory=dict)

    def hand_over(
        self, action: HandOver, recheck: Recheck, claim: Callable[[HandOver], None]
    ) -> Outcome:
        """By the module's table. Raises KubeError."""
        w = action.workload
        if message := self.rights_policy.shortcoming(w.namespace, action.pod):
            return Outcome(done=False, message=message)
        if message := self.probe.shortcoming(w, action.size.revision):
            return Outcome(done=False, reason=Reason.WEBHOOK_UNVERIFIED, message=message)
        if message := another_program(self.gateway, w, action.pod):
            return Outcome(done=False, reason=Reason.TEMPLATE_CHANGED, message=message)
        pod = self._fresh(action, recheck)
        if pod is None:
            return CHANGED
        claim(action)
        ours = {
            "apiVersion": PODSIZE.api_version,
            "kind": PODSIZE.name,
            "name": object_name(w),
            "uid": action.podsize,
            "controller": True,
        }
        former = [_plain(r, controlling=False) for r in pod.metadata.owner_references or ()]
        raw = self._patch(pod, ownerReferences=[ours, *former])
        made = msgspec.json.decode(raw, type=objects.Pod)
        return Outcome(done=True, version=made.metadata.resource_version)

    def hand_back(
        self, action: HandBack, recheck: Recheck, claim: Callable[[HandBack], None]
    ) -> Outcome:
        """The PodSize's reference goes, and the owner adopts the pod. Raises KubeError."""
        pod = self._fresh(action, recheck)
        if pod is None:
            return CHANGED
        if action.status:
            claim(action)
        references = pod.metadata.owner_references or ()
        kept = [_plain(r) for r in references if r.kind != PODSIZE.name]
        self._patch(pod, ownerReferences=kept or None)
        return Outcome(done=True)

    def drain(self, action: Drain, recheck: Recheck) -> Outcome:
        """Labels first where it still serves, else delete it at once. Raises KubeError."""
        pods = pods_now(self.gateway, action.workload.namespace)
        pod = _same(pods, action.uid) if recheck(pods) else None
        if pod is None:
            return CHANGED
        others = [p for p in pods if p.metadata.uid in action.others and p.ready]
        around = self._around(action.workload.namespace, others)
        if action.idle and (served := draining.selecting(pod, around)):
            return Outcome(done=False, message=f"Service {served[0].metadata.name} selects it")
        match draining.leave(pod, around):
            case draining.NotYet(why):
                return Outcome(done=False, message=why, soon=True)
            case draining.Strip(keys):
                gone = dict.fromkeys(keys)
                self._patch(pod, labels=gone, annotations=draining.FIRST_TO_GO)
                self._drained[action.uid] = self.monotonic()
                return Outcome(done=True, message="drained", soon=True)
        return self._end(pod)

    def delete(self, action: Delete, recheck: Recheck) -> Outcome:
        """After the pause, which starts again in a new process. Raises KubeError."""
        since = self._drained.setdefault(action.uid, self.monotonic())
        if not action.at_once and self.monotonic() - since < self.seconds:
            return Outcome(done=False, message="draining", soon=True)
        pod = self._fresh(action, recheck)
        return self._end(pod) if pod else CHANGED

    def _end(self, pod: objects.Pod) -> Outcome:
        self.gateway.delete(_path(pod), {"preconditions": _as_seen(pod)})
        self._drained.pop(pod.metadata.uid, None)
        return Outcome(done=True)

    def _fresh(self, action: HandOver | HandBack | Delete, recheck: Recheck) -> objects.Pod | None:
        pods = pods_now(self.gateway, action.workload.namespace)
        return _same(pods, action.uid) if recheck(pods) else None

    def _patch(self, pod: objects.Pod, **metadata: object) -> bytes:
        return self.gateway.patch(_path(pod), {"metadata": {**_as_seen(pod), **metadata}})

    def _around(self, namespace: str, others: list[objects.Pod]) -> draining.Surroundings:
        return draining.Surroundings(
            self._list(kinds.SERVICE.path(namespace), draining.Service),
            self._list(kinds.ENDPOINT_SLICE.path(namespace), draining.Slice),
            self._list(kinds.NETWORK_POLICY.path(namespace), draining.NetworkPolicy),
            others,
        )

    def _list(self, path: str, kind: type[_T]) -> list[_T]:
        found = msgspec.json.decode(self.gateway.get(path), type=_List)
        return [msgspec.json.decode(item, type=kind) for item in found.items]


def _same(pods: list[objects.Pod], uid: str) -> objects.Pod | None:
    return next((p for p in pods if p.metadata.uid == uid), None)


def _as_seen(pod: objects.Pod) -> dict[str, str]:
    """Whoever wrote meanwhile wins."""
    return {"uid": pod.metadata.uid, "resourceVersion": pod.metadata.resource_version}


def _path(pod: objects.Pod) -> str:
    return kinds.POD.path(pod.metadata.namespace, pod.metadata.name)


def _plain(reference: objects.OwnerReference, *, controlling: bool | None = None) -> object:
    """As JSON, with everything that it said."""
    said = {
        "apiVersion": reference.api_version,
        "kind": reference.kind,
        "name": reference.name,
        "uid": reference.uid,
        "controller": reference.controller if controlling is None else controlling,
        "blockOwnerDeletion": reference.block_owner_deletion,
    }
    return {name: value for name, value in said.items() if value is not None}
