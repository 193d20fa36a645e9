"""When cycles begin, and which of them decide on every workload."""

from dataclasses import dataclass

from scaler.health import unmade_pods
from scaler.usage import at_rest
from scaler.wake import Wake

_SOON = 0.2  # seconds until a pod that is about to be gone is checked again


@dataclass
class Cadence:
    """By what woke the loop, and what its last cycle left. `interval`: seconds."""

    wake: Wake
    interval: float
    soon: bool = False
    """Whether something is in progress whose end no watch shows."""
    hurry: bool = False
    """Whether the next cycle follows at once: a size was stored that pods can have in place."""
    started: float = -float("inf")
    """Monotonic seconds at which the last cycle began."""
    full: float = -float("inf")
    """The same of the last one that kept no plan."""

    def begin(self, at: float) -> bool:
        """A cycle begins `at` (monotonic seconds): whether it decides on every workload.

        Unless a watch, or usage of some nodes, alone has woken it, and the last one that did is not
        as long ago as nodes at rest are read.
        """
        watched = self.wake.is_set() and not self.hurry
        late = at - self.full >= at_rest.seconds(self.interval)
        everything = self.wake.taken() or not watched or late
        self.started, self.hurry = at, False
        self.full = at if everything else self.full
        return everything

    def pause(self, *, lacking: bool) -> float:
        """Seconds until the next cycle, if nothing changes. `lacking`: pods cannot be created."""
        if self.soon:
            return min(_SOON, self.interval)
        return min(unmade_pods.LOOK_AGAIN, self.interval) if lacking else self.interval
