"""A measurement's figures, as JSON for the record and as a table for people. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One figure; `most`: what it must not exceed, None where nothing is required."""

    what: str
    value: float
    unit: str
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the requirement is met; None where there is none."""
        return None if self.most is None else self.value <= self.most

    def as_json(self) -> dict[str, object]:
        """For the record."""
        out: dict[str, object] = {"what": self.what, "value": self.value, "unit": self.unit}
        return out if self.most is None else {**out, "at_most": self.most, "met": self.met}


@dataclass(frozen=True)
class Measured:
    """What one measurement brought; `how`: what has to be known to read or repeat it."""

    figures: Sequence[Figure]
    how: Mapping[str, object] = field(default_factory=dict)
    samples: Mapping[str, object] = field(default_factory=dict)


def table(measured: Mapping[str, Measured]) -> str:
    """All figures, required beside measured."""
    rows = [("", "", "required", "measured", "")]
    for name, one in measured.items():
        for figure in one.figures:
            required = "" if figure.most is None else f"<= {_text(figure.most)} {figure.unit}"
            verdict = {None: "", True: "met", False: "MISSED"}[figure.met]
            value = f"{_text(figure.value)} {figure.unit}"
            rows.append((name, figure.what, required.strip(), value.strip(), verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    left, right = row[:2], row[2:4]
    cells = [text.ljust(width) for text, width in zip(left, widths, strict=False)]
    cells += [text.rjust(width) for text, width in zip(right, widths[2:], strict=False)]
    return "  ".join([*cells, row[4]]).rstrip()


def median(values: Sequence[float]) -> float:
    """The middle one. Raises StatisticsError where there is none."""
    return statistics.median(values)


def rounded(values: Sequence[float], digits: int = 3) -> list[float]:
    """For the record."""
    return [round(value, digits) for value in values]


def _text(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or value >= 1000 else f"{value:.3g}"
