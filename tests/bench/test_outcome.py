"""Durations of changes, the curves, and which figures miss their requirement."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from tests.bench import picture
from tests.bench.exchange import Change
from tests.bench.fleet import Undone
from tests.bench.outcome import Seen, beyond, curve, measured

SMOOTH = Change(
    took=7.0,
    started=4.4,
    answered=900,
    failed=0,
    gap=0.05,
    gap_ended=1.0,
    errors={},
    curve=[300, 290, 310],
)
GAPPY = replace(SMOOTH, failed=40, errors={"TimeoutError": 40}, gap=4.4, curve=[300, 0, 0])
UNDONE = Undone(
    answered=500, failed=0, gap=0.1, untouched=True, message="it does not fit; web stays"
)
WELL = Seen(
    surge=[SMOOTH, SMOOTH],
    deployment=[SMOOTH],
    evicted=[GAPPY],
    undone={"that fits nowhere": UNDONE},
    endpoints=[10, 11, 10],
    reasons={"StatefulSet": "the replacement of a StatefulSet's pod has its name"},
)


def missed(seen: Seen) -> list[str]:
    return [figure.what for figure in measured(seen, ()).figures if figure.met is False]


def test_a_change_is_what_is_left_without_start_up_and_drain() -> None:
    assert [round(seconds, 3) for seconds in beyond([SMOOTH])] == [0.6]


def test_changes_are_laid_over_each_other_second_by_second() -> None:
    assert curve([SMOOTH, GAPPY]) == [300, 145, 155]


def test_the_cost_of_an_eviction_is_a_figure_without_a_requirement() -> None:
    assert missed(WELL) == []


def test_each_requirement_can_be_missed() -> None:
    broken = Seen(
        surge=[replace(GAPPY, took=8.0)] * 2,
        deployment=[SMOOTH],
        evicted=[GAPPY],
        undone={"that fits nowhere": replace(UNDONE, failed=1, untouched=False)},
        endpoints=[10, 9, 10],
        reasons={"StatefulSet": ""},
    )
    required = [f for f in measured(WELL, ()).figures if f.most is not None]
    assert missed(broken) == [f.what for f in required]


def test_the_picture_shows_both_curves_and_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "surge.svg"
    curves = {"surge": [300.0, 290.0, 310.0], "eviction": [300.0, 0.0, 0.0]}
    picture.draw(path, picture.Curves("answers", "seconds", -1, curves))
    drawn = ElementTree.parse(path)
    text = " ".join(drawn.getroot().itertext())
    assert all(name in text for name in ("surge", "eviction", "answers", "seconds"))
    assert "href=" not in path.read_text()
