"""What a pod requires of the pods around it, decoded once: affinity terms, spread constraints."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from kube import objects
from kube.memo import once
from kube.selectors import Requirement, Selector

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
T = TypeVar("T")


class Term(msgspec.Struct, frozen=True, rename="camel"):
    """One term of a required pod affinity or anti-affinity. No selector selects no pod."""

    topology_key: str = ""
    label_selector: Selector | None = None
    namespaces: list[str] | None = None
    namespace_selector: Selector | None = None

    def covers(self, home: str, space: str, labels: Mapping[str, str] | None) -> bool:
        """Whether it is about the pods of namespace `space`, which has these labels (None: unknown)

        `home`: the namespace of the pod that has the term.
        """
        if self.namespaces is None and self.namespace_selector is None:
            return space == home
        by_label = self.namespace_selector
        selected = by_label is not None and (labels is None or by_label.matches(labels))
        return selected or space in (self.namespaces or ())

    def means(self, pod: objects.Pod) -> bool:
        """Whether its selector selects the pod, whatever its namespace."""
        return self.label_selector is not None and self.label_selector.matches(
            pod.metadata.labels or {}
        )


class Spread(msgspec.Struct, frozen=True, rename="camel"):
    """One topology spread constraint."""

    max_skew: int = 1
    topology_key: str = ""
    when_unsatisfiable: str = "DoNotSchedule"
    label_selector: Selector | None = None
    match_label_keys: list[str] | None = None
    min_domains: int = 1
    node_affinity_policy: str = "Honor"
    node_taints_policy: str = "Ignore"

    def selects(self, of: objects.Pod, other: objects.Pod) -> bool:
        """Whether it counts a pod; `of`: the pod that has the constraint."""
        if self.label_selector is None:
            return False
        ours, theirs = of.metadata.labels or {}, other.metadata.labels or {}
        alike = [
            Requirement(key, "In", [ours[key]])
            for key in self.match_label_keys or ()
            if key in ours
        ]
        return self.label_selector.matches(theirs) and all(r.holds(theirs) for r in alike)


@once
def anti_affinity(pod: objects.Pod) -> dict[str, Term]:
    """The required terms by their text, as most pods have equal ones."""
    affinity = pod.spec.affinity
    found = (affinity.pod_anti_affinity or {}).get(_REQUIRED) if affinity else None
    return {repr(raw): term for raw, term in _decoded(found, Term)}


@once
def affinity(pod: objects.Pod) -> list[Term]:
    """The required terms: a pod must be selected by all of them."""
    affinity = pod.spec.affinity
    found = (affinity.pod_affinity or {}).get(_REQUIRED) if affinity else None
    return [term for _, term in _decoded(found, Term)]


@once
def spreads(pod: objects.Pod) -> list[Spread]:
    """The constraints that the scheduler must keep."""
    every = [s for _, s in _decoded(pod.spec.topology_spread_constraints, Spread)]
    return [s for s in every if s.when_unsatisfiable != "ScheduleAnyway"]


def _decoded(raw: object, kind: type[T]) -> list[tuple[object, T]]:
    return [(one, msgspec.convert(one, kind)) for one in raw] if isinstance(raw, list) else []
