"""Pods whose scheduling is not modelled: no pod is evicted on a guess. Pure.

| property of the pod                                        | why it is not modelled             |
| ---------------------------------------------------------- | ---------------------------------- |
| required inter-pod affinity or anti-affinity               | depends on all other pods          |
| matched by the required anti-affinity of an existing pod   | depends on that pod                |
| topology spread with DoNotSchedule                         | depends on all other pods          |
| persistent volume claims, ephemeral volumes                | bound to zones and nodes           |
| extended resources, hugepages, resource claims             | allocated by other components      |
"""

from collections.abc import Iterable, Iterator

import msgspec

from kube import objects
from kube.memo import once
from kube.selectors import Selector
from scaler.feasibility.pod_requests import MODELLED

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


class Repulsion(msgspec.Struct, frozen=True, rename="camel"):
    """One term of a required anti-affinity."""

    label_selector: Selector | None = None
    namespaces: list[str] | None = None
    namespace_selector: dict[str, object] | None = None

    def hits(self, pod: objects.Pod, home: str) -> bool:
        """Whether the term may apply to a pod; `home`: the namespace of the pod that has the term.

        A namespaceSelector is assumed to select all namespaces.
        """
        if self.label_selector is None:
            return False
        named = self.namespaces or ([] if self.namespace_selector is not None else [home])
        covered = self.namespace_selector is not None or pod.metadata.namespace in named
        return covered and self.label_selector.matches(pod.metadata.labels or {})


@once
def why(pod: objects.Pod) -> str | None:
    """The first property of the pod itself that is not modelled; None: there is none."""
    return next(_reasons(pod.spec), None)


@once
def repulsions(pod: objects.Pod) -> dict[str, Repulsion]:
    """A pod's required anti-affinity terms by their text: most pods have equal ones."""
    affinity = pod.spec.affinity
    found = (affinity.pod_anti_affinity or {}).get(_REQUIRED) if affinity else None
    return {repr(term): msgspec.convert(term, Repulsion) for term in _list(found)}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _reasons(spec: objects.PodSpec) -> Iterator[str]:
    affinity = spec.affinity or objects.Affinity()
    if (affinity.pod_affinity or {}).get(_REQUIRED):
        yield "required pod affinity"
    if (affinity.pod_anti_affinity or {}).get(_REQUIRED):
        yield "required pod anti-affinity"
    for spread in spec.topology_spread_constraints or ():
        if spread.get("whenUnsatisfiable") != "ScheduleAnyway":
            yield "a topology spread constraint with DoNotSchedule"
    for volume in spec.volumes or ():
        if volume.persistent_volume_claim is not None:
            yield f"the persistent volume claim of volume {volume.name}"
        if volume.ephemeral is not None:
            yield f"the ephemeral volume {volume.name}"
    yield from _resources([*(spec.init_containers or ()), *spec.containers])
    for name in sorted({*(spec.overhead or {})} - {*MODELLED}):
        yield f"the extended resource {name}"


def _resources(containers: Iterable[objects.Container]) -> Iterator[str]:
    for container in containers:
        named = {**(container.resources.limits or {}), **(container.resources.requests or {})}
        for name in sorted({*named} - {*MODELLED}):
            yield f"the extended resource {name}"
        if container.resources.claims:
            yield "a resource claim"
