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


def table(surge: Change, evicted: Change, load_began: float) -> str:
    """The rows, as text."""
    detected = f"{surge.decided - load_began:.1f} s"
    rows = [
        ("", "surge", "by eviction", "thesis"),
        ("limit before", "500m", surge.limits, "500m"),
        ("limit after", surge.limits, evicted.limits, "1"),
        ("load step -> decision (one-minute mean)", detected, "by hand", ""),
    ]
    for number in range(max(len(surge.swaps), len(evicted.swaps))):
        first, second = (_took(c.swaps[number : number + 1]) for c in (surge, evicted))
        what = "decision" if number == 0 else "begin"
        rows.append((f"pod {number + 1}: {what} -> replacement Ready", first, second, ""))
    rows += [
        (
            "mean of these (thesis: detect ... recreate)",
            _took(surge.swaps),
            _took(evicted.swaps),
            THESIS,
        ),
        ("requests answered during the change", str(surge.answered), str(evicted.answered), ""),
        ("requests failed during the change", str(surge.failed), str(evicted.failed), ""),
        (
            "longest time without an answer",
            f"{surge.longest:.2f} s",
            f"{evicted.longest:.2f} s",
            "",
        ),
    ]
    return "\n".join(f"{a:<44} {b:>12} {c:>12} {d:>12}".rstrip() for a, b, c, d in rows)


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
