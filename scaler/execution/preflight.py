"""What is read afresh before a pod is replaced: its owner's template, the workload's pods."""

from collections.abc import Callable, Iterator

import msgspec

from kube import kinds, objects
from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.execution import refusal, template_edits
from scaler.model import Outcome
from store.model import Workload

_COMPARED = ("ReplicationController", "ReplicaSet")
"""Kinds whose pods carry no mark of the template that they were made from."""


Recheck = Callable[[list[objects.Pod]], bool]


CHANGED = Outcome(done=False, message="the pods are not as they were seen")
"""What comes of an action where a fresh list does not lead to it again."""


class _Pods(msgspec.Struct):
    items: list[objects.Pod] = []


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
    return msgspec.json.decode(gateway.get(kinds.POD.path(namespace)), type=_Pods).items
