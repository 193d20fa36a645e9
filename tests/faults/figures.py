"""The tests' measurements: stored in build/faults.json, a row for each fault and form."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.form import FULL

KEPT = Path(__file__).parents[2] / "build/faults.json"


@dataclass(frozen=True)
class Figures:
    """The measurements of one fault."""

    fault: str
    seen: str
    extra: int
    fewest: int
    of: int
    seconds: float
    test: str


def keep(found: Figures) -> None:
    """Store it in place of the same fault's earlier measurements."""
    rows = read()
    rows[f"{'full' if FULL else 'short'}: {found.fault}"] = asdict(found)
    KEPT.parent.mkdir(exist_ok=True)
    fresh = KEPT.with_suffix(".new")
    fresh.write_text(json.dumps(rows, indent=1) + "\n")
    os.replace(fresh, KEPT)


def read() -> dict[str, dict[str, object]]:
    """Everything that is stored."""
    try:
        found: dict[str, dict[str, object]] = json.loads(KEPT.read_text())
    except OSError:
        return {}
    return found


def table(rows: dict[str, dict[str, object]]) -> str:
    """The table as in the documentation."""
    lines = [
        "| fault | what is seen | fewest Ready | extra restarts | recovered after | test |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows.values():
        r = Figures(**row)  # type: ignore[arg-type]  # written by `keep`
        lines.append(
            f"| {r.fault} | {r.seen} | {r.fewest} of {r.of} | {r.extra} | {r.seconds:.0f} s "
            f"| `{r.test}` |"
        )
    return "\n".join(lines)
