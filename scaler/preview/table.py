"""The outcomes of a namespace as a table to read. Pure."""

from collections.abc import Iterator, Sequence

from scaler.preview.outcome import ContainerOutcome, Outcome
from store import amounts

DAY = 1440
"""Minutes of which usage should be known before a report is worth much."""
_HEADS = ("workload", "container", "known", "changes", "restarts", "CPU request", "memory request")
_MORE = ("throttled core-s", "OOMs")


def text(found: Sequence[Outcome]) -> str:
    """A row for each container, the sums, and what the figures do not know."""
    rows: list[Sequence[str]] = [(*_HEADS, *_MORE)]
    rows += [row for one in found for row in _rows(one)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    return "\n".join([*lines, "", *_sums(found), *_caveats(found)])


def _rows(one: Outcome) -> Iterator[Sequence[str]]:
    who = f"{one.namespace}/{one.kind.lower()}/{one.name}"
    for place, c in enumerate(one.containers):
        first = place == 0
        yield (
            who if first else "",
            c.name,
            duration(c.minutes),
            str(len(c.sizes) - 1),
            str(one.restarts) if first else "",
            _step(c, "cpu"),
            _step(c, "memory"),
            f"{c.as_it_is.throttled:,.0f} -> {c.sized.throttled:,.0f}",
            f"{c.as_it_is.ooms} -> {c.sized.ooms}",
        )
    for name in one.without:
        yield ("" if one.containers else who), name, "none", *[""] * 6


def duration(minutes: int) -> str:
    """`2d 3h`, `3h 10m`, `10m`."""
    days, rest = divmod(minutes, DAY)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days}d {hours}h"
    return f"{hours}h {left}m" if hours else f"{left}m"


def _step(c: ContainerOutcome, resource: str) -> str:
    a, b = c.before.requests[resource], c.after.requests[resource]
    before, after = ("none" if v is None else amounts.formatted(v, resource) for v in (a, b))
    return before if a == b else f"{before} -> {after}"


def _sums(found: Sequence[Outcome]) -> Iterator[str]:
    restarts = sum(one.restarts for one in found)
    yield f"in all: {_counted(restarts, 'pod')} replaced; requested by all pods, in the end:"
    for resource, word in (("cpu", "CPU"), ("memory", "memory")):
        sums = [one.requested(resource) for one in found]
        before, after = sum(a for a, _ in sums), sum(b for _, b in sums)
        of = f"{amounts.formatted(before, resource)} as it is"
        difference = amounts.formatted(abs(after - before), resource)
        way = "as now" if after == before else f"{difference} {_way(before, after)}"
        yield f"  {word}: {way} ({of})"


def _way(before: int, after: int) -> str:
    return "less" if after < before else "more"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _caveats(found: Sequence[Outcome]) -> Iterator[str]:
    known = [c.minutes for one in found for c in one.containers]
    if known and min(known) < DAY:
        yield f"Of some only {duration(min(known))} are known: a day shows more."
    yield "Not known: what was wanted beyond a limit, and whether nodes and quotas had the room."
