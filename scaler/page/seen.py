"""What the page is made from: the last cycle's views and plans, and what is known beside them."""

from collections.abc import Callable

from msgspec import Struct

from scaler.cluster.snapshot import NOTHING, Snapshot
from scaler.cluster.view import View
from scaler.model import Plan, Standing
from scaler.sizing.evidence import MinuteOf
from store.model import Workload


class Seen(Struct, frozen=True):
    """One cycle's look: handed over as it is, and read later; `at` in seconds since the epoch."""

    views: tuple[View, ...] = ()
    plans: tuple[Plan, ...] = ()
    at: float = 0.0
    snapshot: Snapshot = NOTHING

    def plan_of(self, workload: Workload) -> Plan | None:
        """The workload's plan; None where there was nothing to report."""
        return next((p for p in self.plans if p.workload == workload), None)


class Noted(Struct, frozen=True, gc=False):
    """What a process has noticed of a workload.

    `since`: seconds since the epoch from which phase and reason are what they are, as far as this
    process knows. `restarts`: pods replaced since midnight (UTC), likewise.
    """

    standing: Standing | None = None
    since: float | None = None
    restarts: int = 0


class Known(Struct, frozen=True):
    """All that rows are made from; `now` in seconds since the epoch."""

    seen: Seen
    now: float
    minute_of: MinuteOf
    noted: Callable[[Workload], Noted] = lambda workload: Noted()
