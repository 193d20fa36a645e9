"""What would have changed in workloads that are only observed, as the page shows it.

Each is a replay of days, up to a second of CPU for a container: one at a time, and good for some
minutes, however many people look.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from scaler.cluster.view import View
from scaler.page.doors import Refused
from scaler.page.past import NoPast, Past
from scaler.page.seen import Seen
from scaler.preview import outcome
from scaler.preview.outcome import Live
from store.model import Workload

GOOD = 300.0
"""Seconds for which a preview is kept."""

Json = Mapping[str, object]


@dataclass
class Previews:
    """Read-only. Safe for use from several threads; `clock`: seconds since the epoch."""

    seen: Callable[[], Seen]
    clock: Callable[[], float]
    past: Past = field(default_factory=NoPast)
    live: Live = field(default_factory=Live)
    _made: dict[Workload, tuple[float, Json]] = field(default_factory=dict)
    _replaying: threading.Lock = field(default_factory=threading.Lock)

    def names(self) -> list[tuple[str, str, str]]:
        """Namespace, kind and name of each workload that is only observed."""
        return sorted(_names(v.workload) for v in self.seen().views if outcome.observed(v))

    def of(self, namespace: str, kind: str, name: str) -> Json | None:
        """What would have changed in one of them; None: there is none, or a quantity of it cannot
        be read, which its status says. Raises Refused where the history cannot be read."""
        named = (v for v in self.seen().views if _names(v.workload) == (namespace, kind, name))
        view = next(filter(outcome.observed, named), None)
        if view is None:
            return None
        with self._replaying:
            now = self.clock()
            self._made = {w: one for w, one in self._made.items() if 0 <= now - one[0] < GOOD}
            if view.workload not in self._made:
                with suppress(ValueError):
                    self._made[view.workload] = now, self._replayed(view, now)
            return self._made.get(view.workload, (now, None))[1]

    def _replayed(self, view: View, now: float) -> Json:
        names = outcome.names(view)
        try:
            rows = {n: self.past.minutes(view.workload, n, 0.0, now) for n in names}
        except Exception as e:  # at the edge to another room: whatever is wrong with a file
            raise Refused(503, str(e)) from e
        return outcome.as_json(outcome.outcome(view, rows.__getitem__, self.live))


def _names(workload: Workload) -> tuple[str, str, str]:
    return workload.namespace, workload.kind, workload.name
