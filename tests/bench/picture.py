"""Curves as a picture, which any browser shows without running or fetching anything.

Drawn by pygal, in a process of its own: the library leaves a hook behind that every later import
of the interpreter would go through.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_COLOURS = ("#1b7837", "#c0392b")


def draw(path: Path, first: int, curves: Mapping[str, Sequence[float]]) -> None:
    """Answers per second by the seconds since the change began; `first`: where the curves begin."""
    command = [sys.executable, "-m", __name__, str(first)]
    done = subprocess.run(
        command, input=json.dumps(curves), check=True, stdout=subprocess.PIPE, text=True
    )
    path.write_text(done.stdout)


def _drawn(first: int, curves: Mapping[str, Sequence[float]]) -> str:
    import pygal
    from pygal.style import Style

    chart = pygal.Line(
        width=860,
        height=380,
        js=(),
        style=Style(
            background="white",
            plot_background="white",
            font_family="sans-serif",
            colors=_COLOURS,
            stroke_width="3",
            guide_stroke_color="#dddddd",
            major_guide_stroke_color="#dddddd",
            label_font_size=13,
            major_label_font_size=13,
            title_font_size=17,
        ),
        show_dots=False,
        max_scale=8,
        range=(0, max(max(curve) for curve in curves.values())),
        title="The only pod gets another size: answers per second",
        x_title="seconds since the size was set",
        disable_xml_declaration=True,
    )
    chart.uuid = "curves"  # else no two pictures were alike
    chart.x_labels = [str(first + n) for n in range(max(map(len, curves.values())))]
    for name, curve in curves.items():
        chart.add(name, [round(value, 1) for value in curve])
    return str(chart.render(is_unicode=True))


if __name__ == "__main__":
    print(_drawn(int(sys.argv[1]), json.load(sys.stdin)))
