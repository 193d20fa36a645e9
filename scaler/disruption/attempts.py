"""How soon an attempt that was refused is made again. Pure but for what it remembers.

Cycles come many times a second where a cluster is busy; whoever refuses (a budget, the webhook) is
not to be asked that often. Nothing is lost with it: a new scaler asks once more.

| refused by                       | asked again after                                          |
| -------------------------------- | ---------------------------------------------------------- |
| a PodDisruptionBudget            | 6 s, 12 s, 24 s and so on: with the next cycle at most 30  |
| anybody else (the webhook)       | 6 s: at most ten times a minute for a workload             |
"""

from dataclasses import dataclass

from scaler.model import Take
from store.model import Workload
from store.reasons import Reason

AGAIN = 6.0
"""Seconds between two attempts to do the same."""
LONGEST = 24.0
"""The same, where a budget has refused several times in a row."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    pod: str
    revision: int
    at: float
    pause: float

    def of(self, action: Take) -> bool:
        return (self.pod, self.revision) == (action.uid, action.size.revision)


class Pace:
    """When each workload's last refusal was, and of what."""

    def __init__(self) -> None:
        self._refused: dict[Workload, _Refusal] = {}

    def early(self, action: Take, now: float) -> bool:
        """Whether just this was refused a moment ago. A clock that steps back holds nobody up."""
        last = self._refused.get(action.workload)
        return last is not None and last.of(action) and 0 <= now - last.at < last.pause

    def refused(self, action: Take, now: float, reason: Reason | None = None) -> None:
        """Remember it."""
        last = self._refused.get(action.workload)
        again = last is not None and last.of(action) and reason is Reason.DISRUPTION_BUDGET
        pause = min(2 * last.pause, LONGEST) if last is not None and again else AGAIN
        self._refused[action.workload] = _Refusal(action.uid, action.size.revision, now, pause)

    def granted(self, action: Take) -> None:
        """Forget what was refused."""
        self._refused.pop(action.workload, None)
