"""Which nodes a pod selects: its nodeSelector, and its required node affinity. Pure.

| the node                                 | is selected                        |
| ---------------------------------------- | ---------------------------------- |
| lacks a label of nodeSelector            | no                                 |
| matches no term of the required affinity | no; an empty term matches nothing  |
| otherwise                                | yes                                |
"""

from collections.abc import Iterable, Mapping

import msgspec

from kube.selectors import Requirement

_NAME = "metadata.name"


class _Object(msgspec.Struct, frozen=True, rename="camel"):
    pass


class _Term(_Object, frozen=True):
    match_expressions: list[Requirement] | None = None
    match_fields: list[Requirement] | None = None


class _Terms(_Object, frozen=True):
    node_selector_terms: list[_Term] | None = None


class NodeAffinity(_Object, frozen=True):
    """What of a pod's `affinity.nodeAffinity` is required."""

    required_during_scheduling_ignored_during_execution: _Terms | None = None


class NodeSelection:
    """One pod's selection of nodes."""

    def __init__(self, selector: Mapping[str, str] | None, affinity: NodeAffinity | None) -> None:
        self._labels = (selector or {}).items()
        required = affinity and affinity.required_during_scheduling_ignored_during_execution
        self._terms = (required.node_selector_terms or []) if required else None

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a node of that name, with these labels, is selected."""
        if not self._labels <= labels.items():
            return False
        return self._terms is None or any(
            (term.match_expressions or term.match_fields)
            and _all(term.match_expressions, labels)
            and _all(term.match_fields, {_NAME: name})
            for term in self._terms
        )

    @property
    def everything(self) -> bool:
        """Whether it selects every node, as it asks for nothing."""
        return not self._labels and self._terms is None

    @property
    def names(self) -> frozenset[str] | None:
        """The names of the only nodes that can be selected, as DaemonSets name theirs; None: it
        names none."""
        if not self._terms:
            return None
        found = [_named(term) for term in self._terms]
        return None if None in found else frozenset(n for names in found for n in names or ())


def _named(term: _Term) -> list[str] | None:
    fields = term.match_fields or ()
    return next((r.values for r in fields if (r.key, r.operator) == (_NAME, "In")), None)


def _all(requirements: Iterable[Requirement] | None, labels: Mapping[str, str]) -> bool:
    return all(r.holds(labels) for r in requirements or ())
