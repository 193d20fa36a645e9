"""The experiment's table, beside the thesis's figures, and its picture."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import picture
from tests.demo.timeline import Timeline
from tests.load.client import Tally

THESIS = "7.238 s"
"""Mean of detect + delete + regenerate + recreate, on Raspberry Pis (thesis, 2018)."""
PICTURE = Path("build/demo.svg")
BEFORE, AFTER = 2, 8
"""Seconds around a load step that the picture shows."""


@dataclass(frozen=True)
class Change:
    """One change of both pods: the duration of each swap, and the requests meanwhile.

    `waited`: seconds from the load's begin to the decision; `made`: pods that were made meanwhile;
    `curve`: answers in each second, starting BEFORE seconds before the load.
    """

    limits: str
    decided: float
    swaps: list[tuple[float, float]]
    answered: int
    failed: int
    longest: float
    waited: float
    made: int
    curve: Sequence[int]


def change(timeline: Timeline, tally: Tally, began: float) -> Change:
    """The last change that was decided, since `began`, when the clients were started."""
    limits = {p.limit for p in timeline.pods.values() if p.revision == str(timeline.revision)}
    return _change(timeline, tally, ", ".join(sorted(limits)), _swaps(timeline), began)


def in_place(timeline: Timeline, tally: Tally, limit: str, began: float) -> Change:
    """The same, where the pods got the limit in place."""
    assert timeline.decided is not None
    times = timeline.resized(2, limit)
    swaps = list(zip([timeline.decided, *times], times, strict=False))
    return _change(timeline, tally, limit, swaps, began)


def table(surge: Change, resized: Change, stepped: Change, evicted: Change) -> str:
    """The rows, as text; `stepped`: with the node agent."""
    columns = (surge, resized, stepped, evicted)
    before = ("500m", surge.limits, resized.limits, stepped.limits)
    waited = (f"{surge.waited:.1f} s", "by hand", f"{stepped.waited:.2f} s", "by hand")
    rows: list[tuple[str, ...]] = [
        ("", "surge", "in place", "with agent", "by eviction", "thesis"),
        ("limit before", *before, "500m"),
        ("limit after", *(c.limits for c in columns), "1"),
        ("load step -> decision", *waited, ""),
    ]
    for number in range(max(len(c.swaps) for c in columns)):
        what = "decision" if number == 0 else "begin"
        times = (took(c.swaps[number : number + 1]) for c in columns)
        rows.append((f"pod {number + 1}: {what} -> Ready with it", *times, ""))
    rows += [
        ("mean of these (thesis: detect ... recreate)", *(took(c.swaps) for c in columns), THESIS),
        ("decision -> all pods have it", *(_whole(c) for c in columns), ""),
        ("pods replaced", *(str(c.made) for c in columns), ""),
        ("requests answered during the change", *(str(c.answered) for c in columns), ""),
        ("requests failed during the change", *(str(c.failed) for c in columns), ""),
        ("longest time without an answer", *(f"{c.longest:.2f} s" for c in columns), ""),
    ]
    return "\n".join(f"{a:<44}" + "".join(f" {c:>11}" for c in rest).rstrip() for a, *rest in rows)


def draw(surge: Change, stepped: Change) -> None:
    """The picture: the same load step without and with the node agent."""
    curves = {"with the node agent": stepped.curve, "without": surge.curve}
    title = "Load on two idle pods at 500m each: answers per second"
    below = "seconds since the load began"
    picture.draw(PICTURE, picture.Curves(title, below, -BEFORE, curves))


def _change(
    timeline: Timeline, tally: Tally, limits: str, swaps: list[tuple[float, float]], began: float
) -> Change:
    if timeline.decided is None:
        raise ValueError("nothing was decided")
    answered, failed = tally.between(timeline.decided, time.time())
    first = int(tally.started)
    return Change(
        limits=limits,
        decided=timeline.decided,
        swaps=swaps,
        answered=answered,
        failed=failed,
        longest=tally.longest_gap,
        waited=timeline.decided - tally.started,
        made=timeline.made(began),
        curve=[tally.answered[second] for second in range(first - BEFORE, first + AFTER)],
    )


def _whole(change: Change) -> str:
    return f"{change.swaps[-1][1] - change.decided:.2f} s" if change.swaps else ""


def took(swaps: list[tuple[float, float]]) -> str:
    mean = sum(ready - begin for begin, ready in swaps) / max(1, len(swaps))
    return f"{mean:.2f} s" if swaps else ""


def _swaps(timeline: Timeline) -> list[tuple[float, float]]:
    """For each replacement: when it began (for the first: the decision), when it was Ready."""
    assert timeline.decided is not None
    mine = [p for p in timeline.pods.values() if p.revision == str(timeline.revision)]
    new = sorted((p.created, p.ready) for p in mine if p.ready)
    begins = [timeline.decided, *(created for created, _ in new[1:])]
    return [(begin, ready) for begin, (_, ready) in zip(begins, new, strict=True)]
