"""docs/scale.svg: CPU and memory at rest over the number of pods, ours and VPA's three programs.

Drawn by pygal in a separate process, as picture.py of the room above does and says why.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.picture import style
from tests.bench.scale.ours import SCALER

PATH = Path(__file__).parents[3] / "docs/scale.svg"
_COLOURS = ("#1b7837", "#c0392b", "#7fbf7b", "#e6a49c")

Curves = dict[str, list[tuple[int, float]]]


def written(found: Mapping[int, Mapping[str, Any]], path: Path = PATH) -> None:
    """Draw what was measured, by the number of pods."""
    curves = _curves(found)
    command = [sys.executable, "-m", __name__]
    done = subprocess.run(
        command, input=json.dumps(curves), check=True, stdout=subprocess.PIPE, text=True
    )
    path.write_text(done.stdout)


def _curves(found: Mapping[int, Mapping[str, Any]]) -> Curves:
    names = ("scaler, CPU", "VPA, CPU", "scaler, memory", "VPA, memory")
    out: Curves = {name: [] for name in names}
    for count, one in sorted(found.items()):
        own = one["ours"]["idle"]["cost"][SCALER]
        peers = [*one["vpa"]["idle"]["cost"].values()]
        values = (
            own["share"],
            sum(c["share"] for c in peers),
            own["resident"],
            sum(c["resident"] for c in peers),
        )
        for name, value in zip(names, values, strict=True):
            out[name].append((count, round(value, 2)))
    return out


def _drawn(curves: Curves) -> str:
    import pygal

    chart = pygal.XY(
        width=860,
        height=420,
        js=(),
        style=style(_COLOURS),
        max_scale=8,
        title="At rest: percent of a core (left), MB (right)",
        x_title="pods",
        disable_xml_declaration=True,
        xrange=(0, max(x for points in curves.values() for x, _ in points)),
    )
    chart.uuid = "scale"  # otherwise no two images would be equal
    for name, points in curves.items():
        chart.add(name, points, secondary=name.endswith("memory"))
    return str(chart.render(is_unicode=True))


if __name__ == "__main__":
    print(_drawn(json.load(sys.stdin)))
