"""What is read afresh before a pod is replaced: its owner's template, the workload's pods."""

from collections.abc import Callable

import msgspec

from kube import kinds, objects
from kube.gateway import Gateway
from scaler.execution import template_drift
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
    """Why a pod would come back as another program. Raises KubeError."""
    if workload.kind not in _COMPARED:
        return None
    owner = kinds.OWNERS[workload.kind].path(workload.namespace, workload.name)
    template = msgspec.json.decode(gateway.get(owner))["spec"]["template"]
    path = kinds.POD.path(workload.namespace, pod)
    return template_drift.drift(template, msgspec.json.decode(gateway.get(path)))


def pods_now(gateway: Gateway, namespace: str) -> list[objects.Pod]:
    """A fresh list of a namespace's pods. Raises KubeError."""
    return msgspec.json.decode(gateway.get(kinds.POD.path(namespace)), type=_Pods).items
