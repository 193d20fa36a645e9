"""What is read afresh before a pod is replaced: its owner's template, the workload's pods."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from kube import kinds, objects
from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.execution import prerequisites, refusal, template_edits
from scaler.execution.questions import Question, said
from scaler.model import Evict, HandOver, Outcome, Resize
from store.model import Workload
from store.reasons import Reason

_COMPARED = ("ReplicationController", "ReplicaSet")
"""Kinds whose pods carry no mark of the template that they were made from."""


Recheck = Callable[[list[objects.Pod]], bool]


Claim = Callable[..., None]
"""Writes the status of an action; `dry=True`: asks whether it could. Raises KubeError."""

CHANGED = Outcome(done=False, message="the pods are not as they were seen")
"""What comes of an action where a fresh list does not lead to it again."""


class _Pods(msgspec.Struct):
    items: list[objects.Pod] = []


_PODS = msgspec.json.Decoder(_Pods)


def another_program(gateway: Gateway, workload: Workload, pod: str) -> str | None:
    """Why a pod would come back as another program, see template_edits.py. Raises KubeError."""
    if workload.kind not in _COMPARED:
        return None
    path = kinds.OWNERS[workload.kind].path(workload.namespace, workload.name)
    owner = msgspec.json.decode(gateway.get(path))
    found = msgspec.json.decode(gateway.get(kinds.POD.path(workload.namespace, pod)))
    siblings = _siblings(gateway, workload.namespace, owner["metadata"].get("uid"))
    another = template_edits.another(owner, found, siblings)
    return str(another) if another else None


def another_template(gateway: Gateway, action: Evict | HandOver) -> Outcome | None:
    """The same as an answer: the pod is not taken. Raises KubeError."""
    return said(
        another_program(gateway, action.workload, action.pod), Reason.TEMPLATE_CHANGED, read=True
    )


def _siblings(gateway: Gateway, namespace: str, uid: object) -> Iterator[dict[str, object]]:
    for pod in msgspec.json.decode(gateway.get(kinds.POD.path(namespace)))["items"]:
        references = pod["metadata"].get("ownerReferences") or ()
        if any(r.get("uid") == uid for r in references):
            yield pod


def held_up(gateway: Gateway, pod: str, error: KubeError) -> str | None:
    """What is reported of a dry run about a pod that got no answer; None: the server is slow.

    Each of them holds up all workloads, so it counts as a refusal, with its growing wait. `pod`:
    its path. Raises KubeError where the server does not answer anything else either.
    """
    if not refusal.unanswered(error):
        return None
    gateway.get(pod)
    return "no answer in time, though the API server answers: a webhook on pods is slow or away"


def pods_now(gateway: Gateway, namespace: str) -> list[objects.Pod]:
    """A fresh list of a namespace's pods. Raises KubeError."""
    return _PODS.decode(gateway.get(kinds.POD.path(namespace))).items


@dataclass
class LastLook:
    """What is read last before a pod is taken: a fresh list, and what any new pod needs."""

    gateway: Gateway
    action: Evict | HandOver | Resize
    recheck: Recheck
    _found: list[objects.Pod] = field(default_factory=list)

    def questions(self) -> tuple[Question, ...]:
        """In their order."""
        return ("pods", self.same), ("needs", self._needs)

    @property
    def pod(self) -> objects.Pod:
        """As the list had it, once that was asked for."""
        return self._found[0]

    def same(self) -> Outcome | None:
        """Whether a fresh list leads to the same pod; None: it does. Raises KubeError."""
        pods = pods_now(self.gateway, self.action.workload.namespace)
        self._found = [p for p in pods if p.metadata.uid == self.action.uid]
        return None if self._found and self.recheck(pods) else CHANGED

    def _needs(self) -> Outcome | None:
        if not self._found and (no := self.same()):
            return no
        return said(prerequisites.missing(self.gateway, self.pod), Reason.REFUSED, read=True)
