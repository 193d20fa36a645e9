"""Simulated time: what is to happen, in order; jumps from one event to the next.

Running is re-entrant. A call to the API server takes time, and while it does everything else goes
on: whoever waits runs the timeline until the moment at which its answer comes.
"""

import heapq
from collections.abc import Callable

START = 1_795_465_800.0
"""Seconds since the epoch at which every run begins: half past a clock hour."""


class Timeline:
    """Events by time; those of the same moment in the order in which they were planned."""

    def __init__(self) -> None:
        self.now = START
        self.over = False
        """Set where nothing that follows matters any more (a violation was found)."""
        self._planned: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.now - START

    def after(self, delay: float, event: Callable[[], object]) -> None:
        """Schedule an event; never before now."""
        self._count += 1
        heapq.heappush(self._planned, (self.now + max(0.0, delay), self._count, event))

    def pass_(self, seconds: float) -> None:
        """Let time pass, with all its events."""
        until = self.now + seconds
        planned = self._planned
        while planned and planned[0][0] <= until and not self.over:
            when, _, event = heapq.heappop(planned)
            self.now = max(self.now, when)
            event()
        self.now = max(self.now, until)
