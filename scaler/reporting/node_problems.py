"""Says once what of the nodes does not count: wrong speeds, young labels, too many kinds."""

import logging
from collections.abc import Sequence

logger = logging.getLogger(__name__)

MOST = 10
"""Problems that one look names: a cluster may have thousands of nodes with the same mistake."""


class NodeProblems:
    """Remembers what was said, so that each problem is said as it comes."""

    def __init__(self) -> None:
        self._said: Sequence[str] = ()

    def report(self, problems: Sequence[str]) -> None:
        """Log those that are new."""
        if problems is self._said:
            return
        known = set(self._said)
        new = [p for p in problems if p not in known]
        for problem in new[:MOST]:
            logger.warning("nodes: not all of it counts", extra={"detail": problem})
        if len(new) > MOST:
            more = f"and {len(new) - MOST} more of the kind"
            logger.warning("nodes: not all of it counts", extra={"detail": more})
        self._said = problems
