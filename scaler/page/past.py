"""What the page asks of the past: the history in a file, or nothing where none is kept. Pure."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from scaler.history.gone import Gone
from scaler.history.row import Row
from store.model import Workload
from store.records import Change


class Past(Protocol):
    """What is kept; times in seconds since the epoch. `scaler.history.history.History` is one."""

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> Sequence[Row]:
        """Oldest first."""

    def changes(self, workload: Workload, since: float, until: float) -> Sequence[Change]:
        """Newest first."""

    def containers(self) -> Sequence[tuple[Workload, str]]:
        """Of which there is something, in the order in which they were first seen."""

    def gone(self) -> Mapping[Workload, Gone]:
        """The last words on workloads that are gone, or came back; oldest first."""


class NoPast:
    """Nothing is kept."""

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> Sequence[Row]:
        """None."""
        return ()

    def changes(self, workload: Workload, since: float, until: float) -> Sequence[Change]:
        """None."""
        return ()

    def containers(self) -> Sequence[tuple[Workload, str]]:
        """None."""
        return ()

    def gone(self) -> Mapping[Workload, Gone]:
        """None."""
        return {}
