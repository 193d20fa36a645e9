"""What this process has noticed of each workload: its state, since when, and today's restarts.

For those who look at the page. All of it is lost with the process, and nothing is decided by it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from kube import timestamps
from scaler.model import TAKES, Outcome, Plan, Standing
from store.model import Workload


@dataclass
class Journal:
    """Written by the loop, read by the page: each entry is replaced whole."""

    _states: dict[Workload, tuple[Standing, float]] = field(default_factory=dict)
    _restarts: dict[Workload, tuple[str, int]] = field(default_factory=dict)
    """A day (UTC), and how many pods were replaced on it."""

    def note(self, plan: Plan, standing: Standing, outcome: Outcome, now: float) -> None:
        """What came of an action. `now` in seconds since the epoch."""
        workload = plan.workload
        before, since = self._states.get(workload, (None, now))
        same = before is not None and (before.phase, before.reason) == _state(standing)
        self._states[workload] = standing, since if same else now
        if outcome.done and isinstance(plan.action, TAKES):
            count = self.restarts(workload, now) + 1
            self._restarts[workload] = timestamps.text(now)[:10], count

    def keep(self, present: Collection[Workload]) -> None:
        """Forget all others."""
        for known in (self._states, self._restarts):
            for gone in known.keys() - present:
                del known[gone]

    def state(self, workload: Workload) -> tuple[Standing, float] | None:
        """What was reported of it last, and since when phase and reason are the same."""
        return self._states.get(workload)

    def restarts(self, workload: Workload, now: float) -> int:
        """Pods of it that were replaced since midnight (UTC), while this process ran."""
        day, count = self._restarts.get(workload, ("", 0))
        return count if day == timestamps.text(now)[:10] else 0


def _state(standing: Standing) -> tuple[object, object]:
    return standing.phase, standing.reason
