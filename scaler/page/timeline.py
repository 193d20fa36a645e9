"""The timeline of one container: what was stored, then what is still in memory. Pure.

| a point                         | comes from                                                     |
| ------------------------------- | -------------------------------------------------------------- |
| before the readings in memory   | the history: one for each of its rows, at its end              |
| of the last two minutes         | the readings of the pod that uses most: one between each two   |
| where two steps are missing     | none: it has no values, so that no line is drawn over what     |
|                                 | nobody measured                                                |
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct, field

from scaler.history.row import Row
from scaler.usage.window import Reading
from store.model import Size

MINUTE = 60.0


class Point(Struct, frozen=True, gc=False):
    """One moment; `at` in seconds since the epoch, CPU in millicores, memory in bytes.

    `covers`: the seconds before it of which it tells.
    """

    at: float
    covers: float
    cpu: float | None = None
    cpu_max: float | None = None
    throttled: float | None = None
    memory: int | None = None
    cpu_request: int | None = None
    cpu_limit: int | None = None
    memory_request: int | None = None
    memory_limit: int | None = None


class Series(Struct, frozen=True, rename="camel"):
    """All points of one container, column by column, as a chart takes them."""

    container: str
    at: list[float] = field(default_factory=list)
    cpu: list[float | None] = field(default_factory=list)
    cpu_max: list[float | None] = field(default_factory=list)
    throttled: list[float | None] = field(default_factory=list)
    memory: list[int | None] = field(default_factory=list)
    cpu_request: list[int | None] = field(default_factory=list)
    cpu_limit: list[int | None] = field(default_factory=list)
    memory_request: list[int | None] = field(default_factory=list)
    memory_limit: list[int | None] = field(default_factory=list)


class Recent(Struct, frozen=True):
    """What is in memory of one container: readings of one pod, and the size that it has."""

    container: str
    readings: Sequence[Reading] = ()
    size: Size = Size()


def series(recent: Recent, rows: Sequence[Row]) -> Series:
    """The points by the table above."""
    newest = _recent(recent.readings, recent.size)
    begin = newest[0].at if newest else float("inf")
    points = [*_unbroken([*(p for p in map(_stored, rows) if p.at < begin), *newest])]
    names = [name for name in Point.__struct_fields__ if name != "covers"]
    columns = {name: [getattr(p, name) for p in points] for name in names}
    return Series(recent.container, **columns)


def _stored(row: Row) -> Point:
    return Point(
        float(row.at + row.seconds),
        float(row.seconds),
        round(row.cpu_mean, 1),
        round(row.cpu_max, 1),
        row.throttled,
        row.working_set,
        row.cpu_request,
        row.cpu_limit,
        row.memory_request,
        row.memory_limit,
    )


def _recent(readings: Sequence[Reading], size: Size) -> list[Point]:
    return [
        Point(
            round(after.received, 1),
            after.at - before.at,
            round(
                1000 * max(0.0, after.cpu_seconds - before.cpu_seconds) / (after.at - before.at), 1
            ),
            memory=after.memory,
            cpu_request=size.requests.cpu,
            cpu_limit=size.limits.cpu,
            memory_request=size.requests.memory,
            memory_limit=size.limits.memory,
        )
        for before, after in pairwise(readings)
        if after.at > before.at
    ]


def _unbroken(points: Sequence[Point]) -> Iterator[Point]:
    """The points, with an empty one in each gap."""
    before = None
    for point in points:
        if before is not None:
            missing = point.at - point.covers - before.at
            if missing > 2 * max(MINUTE, before.covers):
                yield Point(before.at + MINUTE, MINUTE)
        yield point
        before = point
