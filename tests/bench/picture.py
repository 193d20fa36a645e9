"""Curves as an image that any browser shows without scripts or downloads.

Drawn by pygal in a separate process: the library installs an import hook that would affect every
later import of this interpreter.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_COLOURS = ("#1b7837", "#c0392b")


def draw(path: Path, first: int, curves: Mapping[str, Sequence[float]]) -> None:
    """Answers per second over the seconds since the change began; `first`: the curves' start."""
    command = [sys.executable, "-m", __name__, str(first)]
    done = subprocess.run(
        command, input=json.dumps(curves), check=True, stdout=subprocess.PIPE, text=True
    )
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


def _drawn(first: int, curves: Mapping[str, Sequence[float]]) -> str:
    import pygal

    chart = pygal.Line(
        width=860,
        height=380,
        js=(),
        style=style(_COLOURS),
        show_dots=False,
        max_scale=8,
        range=(0, max(max(curve) for curve in curves.values())),
        title="The only pod gets another size: answers per second",
        x_title="seconds since the size was set",
        disable_xml_declaration=True,
    )
    chart.uuid = "curves"  # otherwise no two images would be equal
    chart.x_labels = [str(first + n) for n in range(max(map(len, curves.values())))]
    for name, curve in curves.items():
        chart.add(name, [round(value, 1) for value in curve])
    return str(chart.render(is_unicode=True))


if __name__ == "__main__":
    print(_drawn(int(sys.argv[1]), json.load(sys.stdin)))
