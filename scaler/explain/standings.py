"""What there is to say of every workload in one list: what it does, or why nothing. Pure.

| the workload                              | is listed                                         |
| ----------------------------------------- | ------------------------------------------------- |
| enrolled, or leaving                      | with the words of its status                      |
| enrolled, of which no scaler has said     | with just that                                    |
| a Job, CronJob or bare pod that asks      | as `Blocked`, `NotRecreatable`                    |
| not enrolled                              | where its namespace was asked for                 |
| gone                                      | with its last words, where its namespace or they  |
|                                           | were asked for                                    |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from kube import kinds, timestamps
from scaler.annotations.options import PolicyNames
from scaler.cluster import not_recreatable
from scaler.cluster.snapshot import Snapshot, index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.explain.remedies import remedy
from scaler.explain.report import plain
from scaler.explain.target import ASSUMED
from scaler.history.gone import Gone
from scaler.status.said import said
from store.model import Phase, Workload
from store.reasons import Reason

GONE = "it was deleted; its past is on the page and in the history"
UNSAID = "let a scaler run: none has looked at it yet"
_WIDEST = 44  # characters of a column, beyond which a longer cell breaks the line


class Line(Struct, frozen=True):
    """One workload; `pods`: those with its size, of all. `to_act`: what would have to change."""

    namespace: str
    workload: str
    pods: str
    phase: str
    reason: str
    message: str
    to_act: str


def lines(
    found: Snapshot, policies: PolicyNames, past: Mapping[Workload, Gone], namespace: str | None
) -> tuple[list[Line], int]:
    """By the table, in the order of their names; and how many are left out.

    `namespace` None: all of them, and only what is enrolled.
    """
    enrolled = {v.workload: _line(v) for v in views(index(found), policies)}
    every = {**enrolled, **dict(_bystanders(found))}
    more = dict(_not_enrolled(found, every))
    last = {w: _gone(w, one) for w, one in past.items() if w not in every and w not in more}
    others = {**more, **last}
    if namespace is not None:
        every = {w: one for w, one in {**every, **others}.items() if w.namespace == namespace}
    shown = [one for _, one in sorted(every.items(), key=lambda item: _order(item[0]))]
    return shown, len(others) if namespace is None else 0


def text(shown: Sequence[Line]) -> Iterator[str]:
    """A table, and below each workload what would have to change."""
    heads = Line("NAMESPACE", "WORKLOAD", "SIZED", "PHASE", "REASON", "MESSAGE", "")
    cells = [tuple(map(plain, _cells(one))) for one in (heads, *shown)]
    widths = [min(_WIDEST, max(len(row[i]) for row in cells)) for i in range(5)]
    for one, row in zip((heads, *shown), cells, strict=True):
        columns = (f"{cell:<{width}}" for cell, width in zip(row[:5], widths, strict=True))
        yield f"{'  '.join(columns)}  {row[5]}".rstrip()
        if one.to_act:
            yield f"{'':<{widths[0]}}    to act: {one.to_act}"


def _cells(one: Line) -> tuple[str, ...]:
    return (one.namespace, one.workload, one.pods, one.phase, one.reason, one.message)


def _order(workload: Workload) -> tuple[str, str, str]:
    return workload.namespace, workload.name, workload.kind


def _line(view: View) -> Line:
    counts, names, last = view.status.pods, _names(view.workload), said(view)
    if last is None:
        return Line(*names, "", "", "", "nothing has been said of it yet", UNSAID)
    pods = f"{counts.current}/{counts.total}" if view.podsize else ""
    words = str(last.phase), str(last.reason), last.message
    return Line(*names, pods, *words, remedy(last.reason))


def _bystanders(found: Snapshot) -> Iterator[tuple[Workload, Line]]:
    for one in not_recreatable.found(found):
        workload = Workload(one.api_version, one.kind, one.meta.namespace, one.meta.name)
        words = str(Phase.BLOCKED), str(Reason.NOT_RECREATABLE), one.why
        yield workload, Line(*_names(workload), "", *words, remedy(Reason.NOT_RECREATABLE))


def _not_enrolled(found: Snapshot, listed: Iterable[Workload]) -> Iterator[tuple[Workload, Line]]:
    known = set(listed)
    for kind in kinds.OWNERS.values():
        for (namespace, name), owner in found.owners.get(kind.name, {}).items():
            workload = Workload(kind.api_version, kind.name, namespace, name)
            if workload not in known and not owner.metadata.controller():
                words = "", "", "not enrolled: podtailor leaves it alone"
                yield workload, Line(*_names(workload), "", *words, ASSUMED)


def _gone(workload: Workload, last: Gone) -> Line:
    words = f"{last.message} ({last.phase} until {timestamps.text(last.at)})"
    return Line(*_names(workload), "", "Gone", last.reason, words, GONE)


def _names(workload: Workload) -> tuple[str, str]:
    return workload.namespace, f"{workload.kind}/{workload.name}"
