"""Which Services does the old pod still serve, and may it be deleted? Pure.

kube-proxy writes its rules at most once a second, so a pod that ends at once would be asked for a
moment longer. It is drained first: the labels go by which Services select it, then, after a while,
the pod. Should its PodSize be deleted in between, its owner adopts it and has one too many: a
drained pod is marked as the first to go, for it serves nobody (decision 22).

| what is read at that moment                               | then                                |
| --------------------------------------------------------- | ----------------------------------- |
| a Service selects both, and the EndpointSlices do not yet | wait                                |
| list as many ready pods of the workload as are Ready      |                                     |
| a NetworkPolicy selects the pod                           | delete: without its labels it would |
|                                                           | be open to all                      |
| Services select it                                        | drain: those labels go, unless a    |
|                                                           | policy of another kind reads them   |
|                                                           | (label_policies.py): then delete    |
| nobody selects it                                         | delete                              |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from kube import objects
from kube.selectors import EVERYTHING, Selector

SERVICE = "kubernetes.io/service-name"

Labels = Mapping[str, str]


class _Struct(msgspec.Struct, frozen=True, rename="camel"):
    pass


class _ServiceSpec(_Struct, frozen=True):
    selector: dict[str, str] | None = None
    type: str = "ClusterIP"


class Service(_Struct, frozen=True):
    metadata: objects.Meta
    spec: _ServiceSpec = _ServiceSpec()

    def selects(self, labels: Labels) -> bool:
        """Whether it leads to a pod with these labels."""
        wanted = self.spec.selector
        if not wanted or self.spec.type == "ExternalName":
            return False
        return within(wanted, labels)


class _Target(_Struct, frozen=True):
    uid: str = ""


class _Conditions(_Struct, frozen=True):
    ready: bool | None = None


class _Endpoint(_Struct, frozen=True):
    target_ref: _Target | None = None
    conditions: _Conditions = _Conditions()


class Slice(_Struct, frozen=True):
    metadata: objects.Meta
    endpoints: list[_Endpoint] | None = None


class _PolicySpec(_Struct, frozen=True):
    pod_selector: Selector = EVERYTHING


class NetworkPolicy(_Struct, frozen=True):
    metadata: objects.Meta
    spec: _PolicySpec = _PolicySpec()

    def selects(self, labels: Labels) -> bool:
        """Whether it is about a pod with these labels; an empty selector is about all."""
        return self.spec.pod_selector.matches(labels)


@dataclass(frozen=True)
class Surroundings:
    """What is in the namespace as the pod is to go; `others`: the owner's pods that are Ready."""

    services: Sequence[Service]
    slices: Sequence[Slice]
    policies: Sequence[NetworkPolicy]
    others: Sequence[objects.Pod]


@dataclass(frozen=True, slots=True)
class NotYet:
    """Not yet."""

    why: str


@dataclass(frozen=True, slots=True)
class Strip:
    """These labels go."""

    keys: tuple[str, ...]


def selecting(pod: objects.Pod, around: Surroundings) -> list[Service]:
    """The Services that select the pod."""
    return [s for s in around.services if s.selects(pod.metadata.labels or {})]


def leave(pod: objects.Pod, around: Surroundings) -> NotYet | Strip | None:
    """The table above; None: delete it."""
    labels = pod.metadata.labels or {}
    served = selecting(pod, around)
    for service in served:
        there = listed(service.metadata.name, around.slices)
        for other in around.others:
            meta = other.metadata
            if service.selects(meta.labels or {}) and meta.uid not in there:
                return NotYet(f"{meta.name} is not listed for Service {service.metadata.name} yet")
    if any(p.selects(labels) for p in around.policies):
        return None
    keys = dict.fromkeys(k for s in served for k in s.spec.selector or ())
    return Strip(tuple(keys)) if keys else None


def within(wanted: Labels, labels: Labels) -> bool:
    """Whether all that is wanted is there."""
    return wanted.items() <= labels.items()


def listed(service: str, slices: Iterable[Slice]) -> set[str]:
    """UIDs of the pods that are ready endpoints of it."""
    ours = [s for s in slices if (s.metadata.labels or {}).get(SERVICE) == service]
    return {
        e.target_ref.uid
        for s in ours
        for e in s.endpoints or ()
        if e.target_ref and e.conditions.ready is not False
    }
