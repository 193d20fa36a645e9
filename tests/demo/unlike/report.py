"""The table of sizes by kind of node, and its picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import picture
from tests.demo.unlike.nodes import Used
from tests.demo.unlike.sizes import Sizes

PICTURE = Path("build/unlike.svg")
ASKED = 0.10
"""The largest throttled share of a container that has its right size."""
EVERY = 5
_HEADS = ("", "node", "limit", "used", "throttled", "unused", "answers", "median", "is")


@dataclass(frozen=True)
class Row:
    """A pod in the measured time: `limit` in millicores, `answers` of `asked` requests."""

    name: str
    node: str
    limit: int
    used: Used
    answers: int
    asked: int
    median: float

    @property
    def unused(self) -> float:
        """Millicores of the limit that nobody used."""
        return max(0.0, self.limit - self.used.cpu)

    @property
    def throttled(self) -> bool:
        """Whether that is too little for it on this kind of node."""
        return self.used.throttled > ASKED


def judged(row: Row, rows: Sequence[Row]) -> str:
    """Whether a size is for this kind of node.

    It wastes what it has beyond the size that the same policy decided for this kind alone.
    """
    if row.throttled:
        return "throttled"
    own = next((r.limit for r in rows if (r.name, r.node) == ("double", row.node)), row.limit)
    wasted = row.limit - own if row.name == "one-size" else 0
    return f"wastes {wasted}m" if wasted > 0 else "fits"


def table(rows: Sequence[Row]) -> str:
    """As text, a line for each pod."""
    lines = [_HEADS, *((*_cells(row), judged(row, rows)) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(_HEADS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n < 2 or n == len(_HEADS) - 1 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def draw(sizes: Sizes, nodes: Sequence[str], until: float) -> None:
    """Sizes over time by kind, beside the one size for all."""
    keys = [(f"by kind: {node}", ("double", node)) for node in nodes]
    keys += [("one size for all", ("one-size", nodes[0]))]
    curves = {title: sizes.curve(key, until, EVERY) for title, key in keys}
    title = "CPU limit in millicores, equal requests to each node (double)"
    drawn = picture.Curves(title, "seconds since opting in", 0, curves, EVERY)
    picture.draw(PICTURE, drawn)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.node,
        f"{row.limit}m",
        f"{row.used.cpu:.0f}m",
        f"{100 * row.used.throttled:.0f} %",
        f"{row.unused:.0f}m",
        f"{row.answers} of {row.asked}",
        f"{1000 * row.median:.0f} ms",
    )
