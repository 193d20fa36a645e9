"""The experiment's table, beside the thesis's figures."""

import time
from dataclasses import dataclass

from tests.demo.timeline import Timeline
from tests.load.client import Tally

THESIS = "7.238 s"
"""Mean of detect + delete + regenerate + recreate, on Raspberry Pis (thesis, 2018)."""


@dataclass(frozen=True)
class Change:
    """One change of both pods: the duration of each swap, and the requests meanwhile."""

    limits: str
    decided: float
    swaps: list[tuple[float, float]]
    answered: int
    failed: int
    longest: float


def change(timeline: Timeline, tally: Tally) -> Change:
    """The last change that was decided."""
    if timeline.decided is None:
        raise ValueError("nothing was decided")
    swaps = _swaps(timeline)
    answered, failed = tally.between(timeline.decided, time.time())
    limits = {p.limit for p in timeline.pods.values() if p.revision == str(timeline.revision)}
    what = ", ".join(sorted(limits))
    return Change(what, timeline.decided, swaps, answered, failed, tally.longest_gap)


def in_place(timeline: Timeline, tally: Tally, times: list[float], limit: str) -> Change:
    """The same, where the pods got the size in place at these times."""
    if timeline.decided is None:
        raise ValueError("nothing was decided")
    answered, failed = tally.between(timeline.decided, time.time())
    swaps = list(zip([timeline.decided, *times], times, strict=False))
    return Change(limit, timeline.decided, swaps, answered, failed, tally.longest_gap)


def table(surge: Change, resized: Change, evicted: Change, load_began: float) -> str:
    """The rows, as text."""
    detected = f"{surge.decided - load_began:.1f} s"
    columns = (surge, resized, evicted)
    rows: list[tuple[str, ...]] = [
        ("", "surge", "in place", "by eviction", "thesis"),
        ("limit before", "500m", surge.limits, resized.limits, "500m"),
        ("limit after", surge.limits, resized.limits, evicted.limits, "1"),
        ("load step -> decision (one-minute mean)", detected, "by hand", "by hand", ""),
    ]
    for number in range(max(len(c.swaps) for c in columns)):
        what = "decision" if number == 0 else "begin"
        took = (_took(c.swaps[number : number + 1]) for c in columns)
        rows.append((f"pod {number + 1}: {what} -> Ready with it", *took, ""))
    rows += [
        ("mean of these (thesis: detect ... recreate)", *(_took(c.swaps) for c in columns), THESIS),
        ("decision -> all pods have it", *(_whole(c) for c in columns), ""),
        ("requests answered during the change", *(str(c.answered) for c in columns), ""),
        ("requests failed during the change", *(str(c.failed) for c in columns), ""),
        ("longest time without an answer", *(f"{c.longest:.2f} s" for c in columns), ""),
    ]
    return "\n".join(f"{a:<44}" + "".join(f" {c:>12}" for c in rest).rstrip() for a, *rest in rows)


def _whole(change: Change) -> str:
    return f"{change.swaps[-1][1] - change.decided:.2f} s" if change.swaps else ""


def _took(swaps: list[tuple[float, float]]) -> str:
    mean = sum(ready - begin for begin, ready in swaps) / max(1, len(swaps))
    return f"{mean:.2f} s" if swaps else ""


def _swaps(timeline: Timeline) -> list[tuple[float, float]]:
    """For each replacement: when it began (for the first: the decision), when it was Ready."""
    assert timeline.decided is not None
    mine = [p for p in timeline.pods.values() if p.revision == str(timeline.revision)]
    new = sorted((p.created, p.ready) for p in mine if p.ready)
    begins = [timeline.decided, *(created for created, _ in new[1:])]
    return [(begin, ready) for begin, (_, ready) in zip(begins, new, strict=True)]
