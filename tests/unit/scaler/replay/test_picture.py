"""The picture of a replay: valid, and what is in it."""

from xml.etree import ElementTree

from scaler.replay.course import Sized
from scaler.replay.figures import Figures
from scaler.replay.picture import PANEL, drawn
from scaler.replay.report import Replayed
from scaler.replay.trace import Trace
from store.model import Resources, Size

SVG = "{http://www.w3.org/2000/svg}"
SMALL, OPEN = Size(Resources(100), Resources(200)), Size(Resources(100))


def of(*cpu: float | None, size: Size = SMALL, name: str = "a<b>") -> Replayed:
    sizes = [Sized(0, size), Sized(1, Size(Resources(300), size.limits))]
    return Replayed(Trace(name, 0.0, cpu), "track", sizes, Figures())


def parsed(*found: Replayed) -> ElementTree.Element:
    return ElementTree.fromstring(drawn(found))


def test_one_panel_below_the_other_with_escaped_names() -> None:
    root = parsed(of(1.0, 2.0), of(1.0))
    assert root.get("height") == str(2 * PANEL)
    assert len(root.findall(f"{SVG}g")) == 2
    heads = [t.text or "" for t in root.iter(f"{SVG}text") if t.get("class") == "head"]
    assert heads[0].startswith("a<b>, track: 0 restarts")


def test_usage_is_a_line_and_sizes_are_steps() -> None:
    root = parsed(of(50.0, 60.0, 70.0))
    assert len(list(root.iter(f"{SVG}path"))) == 1
    request, limit = (p.get("points") or "" for p in root.iter(f"{SVG}polyline"))
    assert len(request.split()) == len(limit.split()) == 4


def test_a_gap_interrupts_the_line_and_a_missing_limit_has_none() -> None:
    root = parsed(of(50.0, None, 70.0, size=OPEN))
    [path] = root.iter(f"{SVG}path")
    assert (path.get("d") or "").count("M") == 2
    assert len(list(root.iter(f"{SVG}polyline"))) == 1


def test_a_long_trace_keeps_its_spikes_and_stays_small() -> None:
    cpu = [10.0] * 100_000
    cpu[50_000] = 1000.0
    text = drawn([of(*cpu)])
    assert len(text) < 40_000
    assert ">1050m<" in text
