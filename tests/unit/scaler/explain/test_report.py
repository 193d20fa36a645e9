"""An explanation as text."""

from scaler.explain import report
from scaler.explain.explained import explained
from scaler.explain.report import Report, UsedBy
from tests.unit.scaler.builders import view
from tests.unit.scaler.cycles import context, using
from tests.unit.scaler.history.entries import START, row


def made(used: float, assumed: str | None = None) -> str:
    found = explained(view(), context(using(nginx=used)))
    minutes = [UsedBy("web-1", "nginx", "the scaler's readings", f"{used:.0f}m over 60 s")]
    rows = {"nginx": [row(START + 60 * n) for n in range(30)]}
    to_act = report.to_act(found, assumed)
    return report.text(Report("shop/x", "yes", "none", minutes, rows, found, assumed, to_act))


def test_it_is_read_from_usage_to_outcome() -> None:
    text = made(495.0)
    parts = ["enrolled: yes", "web-1 nginx: 495m over 60 s (the scaler's readings)"]
    parts += ["history of nginx", "=> sized", "=> another_size", "decided"]
    parts += ["nginx cpu: 500m -> 1, Doubled: nginx used 495m of 500m for 60 s", "acts: store"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert text.count("100m mean, 110m most, throttled 25 %") == report.LATELY
    assert "cpu 250m/500m, memory 64Mi/128Mi" in text


def test_what_would_have_to_change_is_said() -> None:
    assert "to act: nothing: it acts" in made(495.0)
    assert "to act: usage: a minute at 90 % of the limit" in made(300.0)
    assert "to act: first, annotate it; then: usage: a minute" in made(300.0, "annotate it")


def test_checks_that_would_answer_too_are_in_brackets() -> None:
    lines = [line for line in made(495.0).splitlines() if line.strip().startswith("gone")]
    assert lines and lines[0].endswith("no")


def test_agents_and_bursts_are_said_where_there_are_any() -> None:
    found = explained(view(), context(using(nginx=300.0)))
    lines = Report("shop/x", "yes", "none", [], {}, found, None, "", ["one: its agent tells of it"])
    assert "node agents and bursts\n  one: its agent tells of it\n" in report.text(lines)
    assert "node agents" not in made(300.0)
