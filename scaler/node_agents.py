"""What a cycle has to do with node agents: which containers count, and what was seen of them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from scaler.agents.heat import HeatOf
from scaler.agents.reports import Reports
from scaler.cluster import counted_containers
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.sizing import sampled_minutes
from scaler.sizing.evidence import MinuteOf
from scaler.sizing.pinned_pods import PinnedOf


@dataclass
class NodeAgents:
    """`recount`: sends all agents the containers that count."""

    reports: Reports = field(default_factory=Reports)
    recount: Callable[[], None] = lambda: None
    pressed: threading.Event = field(default_factory=threading.Event)
    """Set where an agent says what does not wait: then the loop does not rest."""
    _counted: Snapshot | None = None
    """As of which it was looked at which containers count."""

    def count(self, snapshot: Snapshot, views: Sequence[View]) -> None:
        """Send the agents the containers that count, where that has changed."""
        if snapshot is self._counted:
            return
        self._counted = snapshot
        counting = counted_containers.counted(views)
        if counting != self.reports.counting:
            self.reports.count(counting)
            self.recount()

    def minute_of(self, usual: MinuteOf, now: float) -> MinuteOf:
        """The kubelets' minutes with the agents' maxima; `now`: seconds since the epoch."""
        return sampled_minutes.sampled(usual, partial(self.reports.summary, now=now))

    def heat_of(self, now: float) -> HeatOf:
        """What is known of the clocks and the heat of a node."""
        return partial(self.reports.node, now=now)

    def pinned_of(self, now: float) -> PinnedOf:
        """Which containers were just now pinned at their limit."""
        return partial(self.reports.pinned, now=now)
