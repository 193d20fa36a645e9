"""The overview: one row for each workload that the scaler looks after. Pure.

Rows are lists, with the names of their columns once: a thousand of them stay small.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from kube import timestamps
from scaler.cluster import not_recreatable
from scaler.cluster.view import View
from scaler.history.gone import Gone
from scaler.model import Plan, Standing
from scaler.page import use
from scaler.page.seen import Known, Noted, Seen
from scaler.page.use import Use
from scaler.status.said import changed, said
from store.model import Phase, Workload
from store.reasons import Reason
from store.records import Restarts

COLUMNS = (
    "namespace",
    "kind",
    "name",
    "phase",
    "reason",
    "message",
    "pods",
    "current",
    "cpu",
    "memory",
    "wasteCpu",
    "wasteMemory",
    "restarts",
    "changed",
)
"""`changed`: the last change, see scaler/status/said.py; empty: none yet.
`cpu` and `memory` are [used, request, limit] of the fullest container, or null. Millicores and
bytes."""

Cell = str | int | None | list[int | None]
Row = list[Cell]


class Bare(Struct, frozen=True):
    """A workload that is no more than named: it is gone, or nothing creates its pods again."""

    workload: Workload
    phase: str
    reason: str
    message: str
    changed: str = ""

    @property
    def row(self) -> Row:
        """Its row."""
        w = self.workload
        names: list[Cell] = [w.namespace, w.kind, w.name, self.phase, self.reason, self.message]
        return [*names, 0, 0, None, None, None, None, 0, self.changed]


GONE = "Gone"
"""The phase of what is no longer in the cluster, or no longer enrolled."""


def gone(workload: Workload, last: Gone | None) -> Bare:
    """One that is no longer there; `last`: what was said of it then, None: not known."""
    if last is None:
        says = "no longer in the cluster, or no longer enrolled: its past is kept for some days"
        return Bare(workload, GONE, "", says)
    says = f"{last.message} ({last.phase} until {timestamps.text(last.at)}, then deleted)"
    return Bare(workload, GONE, last.reason, says, last.changed)


def bystanders(seen: Seen) -> list[Bare]:
    """Those that ask for sizes and cannot get them, such as Jobs."""
    return [
        Bare(
            Workload(one.api_version, one.kind, one.meta.namespace, one.meta.name),
            str(Phase.BLOCKED),
            str(Reason.NOT_RECREATABLE),
            one.why,
        )
        for one in not_recreatable.found(seen.snapshot)
    ]


class Overview(Struct, frozen=True):
    """All rows, by namespace, name and kind; `at`: RFC 3339, of the cycle that they show."""

    at: str
    columns: Sequence[str]
    rows: list[Row]


def overview(known: Known, bare: Iterable[Bare] = ()) -> Overview:
    """The rows of all workloads of which there is something to say, those that are bare too."""
    seen = known.seen
    plans = {p.workload: p for p in seen.plans}
    rows = [
        _row(view, plans.get(view.workload), known)
        for view in seen.views
        if view.podsize is not None or view.workload in plans
    ]
    rows += [one.row for one in bare]
    rows.sort(key=lambda row: (str(row[0]), str(row[2]), str(row[1])))
    return Overview(timestamps.text(seen.at), COLUMNS, rows)


def summary_of(view: View, plan: Plan | None, noted: Noted) -> Standing | None:
    """Phase, reason, message: what came of the last cycle; else what the status or the plan says.

    None: nothing has been said of it yet.
    """
    if noted.standing is not None:
        return noted.standing
    return said(view) or (plan.standing if plan else None)


def restarts(noted: Noted, recorded: Restarts, now: float) -> int:
    """Pods that were replaced since midnight (UTC), as far as it is known."""
    today = recorded.hour[:10] == timestamps.text(now)[:10]
    return max(noted.restarts, recorded.count if today else 0)


def _row(view: View, plan: Plan | None, known: Known) -> Row:
    workload, status = view.workload, view.status
    noted = known.noted(workload)
    says = summary_of(view, plan, noted)
    found = use.uses(view, known.minute_of)
    return [
        workload.namespace,
        workload.kind,
        workload.name,
        str(says.phase) if says else "",
        str(says.reason) if says else "",
        says.message if says else "",
        status.pods.total or len(view.pods),
        status.pods.current,
        _bar(use.fullest(found, "cpu"), "cpu"),
        _bar(use.fullest(found, "memory"), "memory"),
        use.waste(found, "cpu"),
        use.waste(found, "memory"),
        restarts(noted, status.restarts, known.now),
        changed(view),
    ]


def _bar(fullest: Use | None, resource: str) -> Cell:
    if fullest is None:
        return None
    return [fullest.used(resource), *fullest.size.pair(resource)]
