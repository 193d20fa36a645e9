"""Label selectors as the API server reads them. Pure. An empty one selects everything."""

from collections.abc import Mapping

import msgspec

from scaler.feasibility.node_filter import Requirement


class Selector(msgspec.Struct, frozen=True, rename="camel"):
    """matchLabels and matchExpressions; all of it must hold."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[Requirement] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is selected."""
        wanted = (self.match_labels or {}).items()
        return wanted <= labels.items() and all(
            r.holds(labels) for r in self.match_expressions or ()
        )


EVERYTHING = Selector()
