"""An explanation as text to read, and as JSON. Pure."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from kube import timestamps
from scaler.explain.explained import Chain, Explained
from scaler.explain.remedies import remedy
from scaler.history.row import Row
from store import amounts

LATELY = 10
"""Rows of the history that are shown."""


class UsedBy(Struct, frozen=True):
    """One container of one pod: its last minute, or why it has none. `source`: who says so."""

    pod: str
    container: str
    source: str
    text: str


class Report(Struct, frozen=True):
    """What is printed. `assumed`: what was assumed where the workload is not enrolled."""

    workload: str
    enrolled: str
    status: str
    usage: list[UsedBy]
    history: dict[str, list[Row]]
    explained: Explained
    assumed: str | None
    to_act: str
    agents: Sequence[str] = ()
    """What is said of node agents and bursts (agents.py)."""


def to_act(found: Explained, assumed: str | None) -> str:
    """What would have to change for it to act."""
    if found.acts and assumed is None:
        return "nothing: it acts, as soon as the limits for the cluster allow it"
    return f"first, {assumed}; then: {remedy(found.reason)}" if assumed else remedy(found.reason)


def text(report: Report) -> str:
    """To be read."""
    return "\n".join(map(plain, _lines(report)))


def plain(line: str) -> str:
    """One line for a terminal: an annotation may hold anything, also what moves the cursor."""
    return "".join(c if c.isprintable() else " " for c in " ".join(line.splitlines()))


def _lines(report: Report) -> Iterator[str]:
    found = report.explained
    yield report.workload
    yield f"  enrolled: {report.enrolled}"
    yield f"  status: {report.status}"
    yield "usage"
    for one in report.usage:
        yield f"  {one.pod} {one.container}: {one.text} ({one.source})"
    if not report.usage:
        yield "  the workload has no pods"
    for name, rows in report.history.items():
        yield f"history of {name}, the replica that used most"
        yield from (f"  {line}" for line in _table(rows))
    if report.agents:
        yield "node agents and bursts"
        yield from (f"  {line}" for line in report.agents)
    if report.assumed:
        yield f"it is not enrolled; what follows is what would be, if you {report.assumed}"
    for chain in found.chains:
        yield chain.title.lower()
        yield from (f"  {line}" for line in _checks(chain))
    if found.decisions:
        yield "decided"
    for d in found.decisions:
        change = f"{d.size or 'none'} -> {d.to}" if d.to else f"{d.size or 'none'} stays"
        yield f"  {d.container} {d.resource}: {change}, {d.reason}: {d.message}"
    yield "outcome"
    yield f"  {'acts' if found.acts else 'does not act'}: {found.action}"
    if found.reason:
        yield f"  {found.reason}: {found.message}"
    yield f"  to act: {report.to_act}"


def _checks(chain: Chain) -> Iterator[str]:
    width = max(len(one.check) for one in chain.checks)
    for one in chain.checks:
        mark = "=>" if one.decides else "  "
        answer = one.answer if one.decides else f"({one.answer})" if one.answer else "no"
        yield f"{mark} {one.check:<{width}}  {answer}"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows[-LATELY:]:
        used = f"{row.cpu_mean:.0f}m mean, {row.cpu_max:.0f}m most"
        throttled = "" if row.throttled is None else f", throttled {100 * row.throttled:.0f} %"
        limits = [
            f"{name} {_pair(name, request, limit)}"
            for name, request, limit in (
                ("cpu", row.cpu_request, row.cpu_limit),
                ("memory", row.memory_request, row.memory_limit),
            )
        ]
        memory = row.memory if row.memory is not None else row.working_set
        needs = "" if memory is None else f", memory {amounts.formatted(memory, 'memory')}"
        at = timestamps.text(row.at)
        yield f"{at} {row.seconds} s: {used}{throttled}{needs}; {', '.join(limits)}"


def _pair(resource: str, request: int | None, limit: int | None) -> str:
    texts = ("none" if v is None else amounts.formatted(v, resource) for v in (request, limit))
    return "/".join(texts)
