"""What the page shows, made when it asks: from the loop's last look, usage in memory, the past.

The overview is made once for each look, however many people have the page open.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from scaler.cluster.view import View
from scaler.history.gone import Gone
from scaler.history.row import Row
from scaler.page import use
from scaler.page.detail import Detail, bare, containers, detail, merged
from scaler.page.past import NoPast, Past
from scaler.page.rows import Bare, Overview, bystanders, gone, overview
from scaler.page.seen import Known, Noted, Seen
from scaler.page.timeline import Recent, series
from scaler.reporting.journal import Journal
from scaler.usage.storage import Windows
from store.model import Workload
from store.records import Change

logger = logging.getLogger(__name__)

HOUR = 3600.0
GONE_AT_MOST = 100
"""Rows of workloads that are gone, those that came last."""
T = TypeVar("T")


@dataclass
class Answers:
    """Read-only. Safe for use from several threads; `clock`: seconds since the epoch."""

    seen: Callable[[], Seen]
    windows: Windows
    journal: Journal
    clock: Callable[[], float]
    past: Past = field(default_factory=NoPast)
    explain: Callable[[View, Seen], object] = lambda view, seen: None
    """All checks of a workload, to be shown as they are; None: there are none to show."""
    _made: tuple[Seen, Overview] | None = None
    _broken: str | None = None
    """Why the past could not be read when it was asked for last."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def overview(self) -> Overview:
        """All workloads, as of the last cycle, and those that are no more than named."""
        with self._lock:
            seen = self.seen()
            if self._made is None or self._made[0] is not seen:
                self._made = seen, overview(self._known(seen), self._bare(seen))
            return self._made[1]

    def detail(self, namespace: str, kind: str, name: str, hours: float) -> Detail | None:
        """One workload with its last `hours`; None: there is none of that name."""
        seen, of = self.seen(), (namespace, kind, name)
        for view in seen.views:
            if _names(view.workload) == of:
                shown = replace(detail(view, self._known(seen)), explained=self.explain(view, seen))
                recent = [self._recent(view, n) for n in containers(view)]
                return self._with_past(view.workload, shown, recent, hours)
        for one in self._bare(seen):
            if _names(one.workload) == of:
                past = [Recent(c) for w, c in self._kept() if w == one.workload]
                return self._with_past(one.workload, bare(one, seen.at), past, hours)
        return None

    def _bare(self, seen: Seen) -> list[Bare]:
        """Those without a view: nothing creates their pods again, or only a past is known."""
        there = {v.workload for v in seen.views}
        nothing: Mapping[Workload, Gone] = {}
        last = self._of_the_past(self.past.gone, nothing)
        past = dict.fromkeys(w for w in [*(w for w, _ in self._kept()), *last] if w not in there)
        left = sorted(past, key=lambda w: last[w].at if w in last else 0.0)
        return [*bystanders(seen), *(gone(w, last.get(w)) for w in left[-GONE_AT_MOST:])]

    def _known(self, seen: Seen) -> Known:
        now = self.clock()
        return Known(seen, now, partial(self.windows.minute, now=now), self._noted)

    def _noted(self, workload: Workload) -> Noted:
        standing, since = self.journal.state(workload) or (None, None)
        return Noted(standing, since, self.journal.restarts(workload, self.clock()))

    def _recent(self, view: View, name: str) -> Recent:
        minute_of = partial(self.windows.minute, now=self.clock())
        own = [u for u in use.uses(view, minute_of) if u.container == name]
        most = use.fullest(own, "cpu")
        if most is None:
            return Recent(name)
        return Recent(name, self.windows.readings(most.pod, name), most.size)

    def _with_past(
        self, of: Workload, shown: Detail, recent: Sequence[Recent], hours: float
    ) -> Detail:
        until = self.clock()
        span = until - hours * HOUR, until

        def stored() -> tuple[Sequence[Change], list[Sequence[Row]]]:
            rows = [self.past.minutes(of, one.container, *span) for one in recent]
            return self.past.changes(of, *span), rows

        nothing: tuple[Sequence[Change], list[Sequence[Row]]] = (), [()] * len(recent)
        changes, rows = self._of_the_past(stored, nothing)
        return replace(
            shown,
            changes=merged(changes, shown.changes),
            series=[series(one, kept) for one, kept in zip(recent, rows, strict=True)],
            note=self._broken,
        )

    def _kept(self) -> Sequence[tuple[Workload, str]]:
        nothing: Sequence[tuple[Workload, str]] = ()
        return self._of_the_past(self.past.containers, nothing)

    def _of_the_past(self, asked: Callable[[], T], otherwise: T) -> T:
        """At the edge to another room: whatever is wrong with a file, the present is shown."""
        try:
            found = asked()
        except Exception as e:
            if self._broken is None:
                logger.warning("the history was not read", extra={"error": str(e)})
            self._broken = str(e)
            return otherwise
        self._broken = None
        return found


def _names(workload: Workload) -> tuple[str, str, str]:
    return workload.namespace, workload.kind, workload.name
