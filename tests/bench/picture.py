"""Curves as an image that any browser shows without scripts or downloads.

Drawn by pygal in a separate process: the library installs an import hook that would affect every
later import of this interpreter.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_LABELS = 20
"""More of them would cover each other."""
_COLOURS = ("#1b7837", "#c0392b", "#2166ac", "#777777")


@dataclass(frozen=True)
class Curves:
    """Answers per second; the first value is of second `first`, the next ones `every` later."""

    title: str
    below: str
    first: int
    curves: Mapping[str, Sequence[float]]
    every: int = 1


def draw(path: Path, drawn: Curves) -> None:
    """Write the image."""
    command = [sys.executable, "-m", __name__]
    asked = json.dumps(asdict(drawn))
    done = subprocess.run(command, input=asked, check=True, stdout=subprocess.PIPE, text=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(done.stdout)


def style(colours: Sequence[str]) -> Any:
    """How all curves are drawn; for the process that draws."""
    from pygal.style import Style

    return Style(
        background="white",
        plot_background="white",
        font_family="sans-serif",
        colors=colours,
        stroke_width="3",
        guide_stroke_color="#dddddd",
        major_guide_stroke_color="#dddddd",
        label_font_size=13,
        major_label_font_size=13,
        title_font_size=17,
    )


def _drawn(asked: Curves) -> str:
    import pygal

    curves = asked.curves
    chart = pygal.Line(
        width=860,
        height=380,
        js=(),
        style=style(_COLOURS),
        show_dots=False,
        truncate_legend=-1,
        max_scale=8,
        range=(0, max(max(curve) for curve in curves.values())),
        title=asked.title,
        x_title=asked.below,
        disable_xml_declaration=True,
    )
    longest = max(map(len, curves.values()))
    if longest > _LABELS:
        chart.show_minor_x_labels, chart.x_labels_major_every = False, longest // 10
        chart.truncate_label = -1
    chart.uuid = "curves"  # otherwise no two images would be equal
    chart.x_labels = [str(asked.first + asked.every * n) for n in range(longest)]
    for name, curve in curves.items():
        chart.add(name, [round(value, 1) for value in curve])
    return str(chart.render(is_unicode=True))


if __name__ == "__main__":
    print(_drawn(Curves(**json.load(sys.stdin))))
