"""Usage, request and limit over time, as an SVG that needs nothing: one panel a trace and policy.

Pure. A pixel has the largest usage of its minutes, so that no spike is lost.
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from xml.sax.saxutils import escape

from scaler.replay.report import Replayed

WIDTH, PANEL, LEFT, TOP, BOTTOM = 900, 240, 62, 30, 26
_COLOURS = {"wanted": "#9ecae1", "request": "#1b7837", "limit": "#c0392b"}
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.head{font-size:14px}"
    ".axis{stroke:#ddd}path,polyline{fill:none;stroke-width:1.6}"
)


def drawn(found: Sequence[Replayed]) -> str:
    """The panels below each other."""
    height = PANEL * len(found)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    for n, one in enumerate(found):
        parts += [f'<g transform="translate(0,{n * PANEL})">', *_panel(one), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(one: Replayed) -> Iterator[str]:
    minutes = len(one.trace.cpu)
    wide, high = WIDTH - LEFT - 10, PANEL - TOP - BOTTOM
    top = _highest(one)

    def x(minute: float) -> float:
        return round(LEFT + wide * minute / max(minutes, 1), 1)

    def y(value: float) -> float:
        return round(TOP + high * (1 - min(value, top) / top), 1)

    f = one.figures
    head = (
        f"{one.trace.name}, {one.policy}: {f.restarts} restarts, {f.throttled:,.0f} core-s "
        f"throttled, {f.wasted:,.0f} core-s wasted"
    )
    yield f'<text class="head" x="{LEFT}" y="18">{escape(head)}</text>'
    for share in (0.0, 0.5, 1.0):
        at = y(top * share)
        yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - 10}" y1="{at}" y2="{at}"/>'
        yield f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{top * share:.0f}m</text>'
    yield from _times(minutes, x)
    yield f'<path stroke="{_COLOURS["wanted"]}" d="{_wanted(one, wide, x, y)}"/>'
    for what in ("request", "limit"):
        points = _steps(one, what, minutes, x, y)
        if points:
            yield f'<polyline stroke="{_COLOURS[what]}" points="{points}"/>'
    for n, (what, colour) in enumerate(_COLOURS.items()):
        yield f'<text x="{WIDTH - 190 + 66 * n}" y="18" style="fill:{colour}">{what}</text>'


def _highest(one: Replayed) -> float:
    """Of the axis: all usage and requests, and limits as far as they are not much higher."""
    wanted = max((c for c in one.trace.cpu if c is not None), default=0.0)
    requests = max(s.size.requests.cpu or 0 for s in one.sizes)
    limits = max(s.size.limits.cpu or 0 for s in one.sizes)
    return max(1.0, 1.05 * max(wanted, requests, min(limits, 1.5 * max(wanted, requests))))


def _times(minutes: int, x: Callable[[float], float]) -> Iterator[str]:
    """Marks in days, hours or minutes, ten at most."""
    units = ((1440, "d"), (60, "h"), (1, "min"))
    unit, name = next((u for u in units if minutes >= 2 * u[0]), units[-1])
    step = max(1, ceil(minutes / unit / 10))
    for n in range(0, int(minutes / unit) + 1, step):
        yield f'<text x="{x(n * unit)}" y="{PANEL - 8}" text-anchor="middle">{n} {name}</text>'


def _wanted(
    one: Replayed, wide: int, x: Callable[[float], float], y: Callable[[float], float]
) -> str:
    per = max(1, ceil(len(one.trace.cpu) / wide))
    out: list[str] = []
    pen = "M"
    for first in range(0, len(one.trace.cpu), per):
        values = [c for c in one.trace.cpu[first : first + per] if c is not None]
        if not values:
            pen = "M"  # a gap is no line
            continue
        out.append(f"{pen}{x(first)} {y(max(values))}")
        pen = "L"
    return "".join(out)


def _steps(
    one: Replayed,
    what: str,
    minutes: int,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> str:
    points: list[str] = []
    before: float | None = None
    for sized in one.sizes:
        value = (sized.size.requests if what == "request" else sized.size.limits).cpu
        if value is None:
            break
        points += [f"{x(sized.minute)},{y(before)}"] if before is not None else []
        points.append(f"{x(sized.minute)},{y(value)}")
        before = value
    return " ".join([*points, f"{x(minutes)},{y(before)}"]) if before is not None else ""
