"""A measurement's figures, as JSON for the record and as a readable table. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One figure; `most`: what it must not exceed, None if there is no requirement."""

    what: str
    value: float
    unit: str
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the requirement is met; None if there is none."""
        return None if self.most is None else self.value <= self.most

    def as_json(self) -> dict[str, object]:
        """As JSON, for the record."""
        out: dict[str, object] = {"what": self.what, "value": self.value, "unit": self.unit}
        return out if self.most is None else {**out, "at_most": self.most, "met": self.met}


@dataclass(frozen=True)
class Measured:
    """The result of one measurement; `how`: what is needed to interpret or repeat it."""

    figures: Sequence[Figure]
    how: Mapping[str, object] = field(default_factory=dict)
    samples: Mapping[str, object] = field(default_factory=dict)


def table(measured: Mapping[str, Measured]) -> str:
    """A table of all figures, with requirements and measured values."""
    rows = [("", "", "required", "measured", "")]
    for name, one in measured.items():
        for figure in one.figures:
            required = "" if figure.most is None else f"<= {_text(figure.most)} {figure.unit}"
            outcome = {None: "", True: "met", False: "MISSED"}[figure.met]
            value = f"{_text(figure.value)} {figure.unit}"
            rows.append((name, figure.what, required.strip(), value.strip(), outcome))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    left, right = row[:2], row[2:4]
    cells = [text.ljust(width) for text, width in zip(left, widths, strict=False)]
    cells += [text.rjust(width) for text, width in zip(right, widths[2:], strict=False)]
    return "  ".join([*cells, row[4]]).rstrip()


def median(values: Sequence[float]) -> float:
    """The median. Raises StatisticsError if there are no values."""
    return statistics.median(values)


def rounded(values: Sequence[float], digits: int = 3) -> list[float]:
    """As JSON, for the record."""
    return [round(value, digits) for value in values]


def _text(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or value >= 1000 else f"{value:.3g}"
