"""Label selectors as the API server evaluates them. Pure. An empty one selects everything."""

from collections.abc import Mapping

import msgspec


class _Object(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Requirement(_Object, frozen=True):
    """One row of matchExpressions or matchFields."""

    key: str
    operator: str
    values: list[str] = []

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Evaluated as for node labels; an unknown operator never matches."""
        value = labels.get(self.key)
        if self.operator == "In":
            return value in self.values
        if self.operator == "NotIn":
            return value not in self.values
        if self.operator == "Exists":
            return value is not None
        if self.operator == "DoesNotExist":
            return value is None
        return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        try:
            ours, bound = int(value or ""), int(self.values[0])
        except (ValueError, IndexError):
            return False
        return ours > bound if self.operator == "Gt" else self.operator == "Lt" and ours < bound


class Selector(_Object, frozen=True):
    """matchLabels and matchExpressions; all of them must match."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[Requirement] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is selected."""
        wanted = (self.match_labels or {}).items()
        return wanted <= labels.items() and all(
            r.holds(labels) for r in self.match_expressions or ()
        )


EVERYTHING = Selector()
