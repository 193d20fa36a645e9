"""One node: its class by label or architecture, its speed, and values that are refused."""

import pytest

from store import node_class
from store.annotations import SPEED
from store.node_class import NORMAL, SETTLED
from tests.unit.store.nodes import NOW, node


def test_a_label_is_the_class() -> None:
    assert node_class.of(node("a", "pi")).name == "pi"


@pytest.mark.parametrize("kind", [None, ""])
def test_without_a_label_it_is_the_architecture(kind: str | None) -> None:
    assert node_class.of(node("a", kind, architecture="arm64")).name == "arm64"


def test_a_node_that_says_nothing_yet_has_no_class() -> None:
    assert node_class.of(node("a", architecture="")).name is None


@pytest.mark.parametrize("text", ["0.25", "1", "4", "100", "0.01", "1.5"])
def test_a_speed(text: str) -> None:
    one = node_class.of(node("a", speed=text))
    assert (one.speed, one.mistake) == (float(text), None)


@pytest.mark.parametrize(
    "text",
    ["fast", "0", "-1", "1e9", "", " 1", "1,5", "inf", "nan", "1e1", "0.001", "101", "99999", "٣"],
)
def test_anything_else_counts_as_one_and_is_said(text: str) -> None:
    one = node_class.of(node("a", speed=text))
    assert one.speed == NORMAL
    assert one.mistake is not None
    assert f'node a: {SPEED}: "{text}" is not a speed' in one.mistake


def test_a_long_value_is_cut_in_the_message() -> None:
    mistake = node_class.of(node("a", speed="x" * 5000)).mistake
    assert mistake is not None
    assert len(mistake) < 250


def test_a_label_says_the_speed_as_well_but_an_annotation_wins() -> None:
    assert node_class.of(node("a", labels={SPEED: "0.5"})).speed == 0.5
    assert node_class.of(node("a", labels={SPEED: "0.5"}, speed="2")).speed == 2


@pytest.mark.parametrize(
    ("ago", "undecided"), [(0, True), (SETTLED - 1, True), (SETTLED + 1, False), (-3600, False)]
)
def test_a_label_counts_once_it_stands(ago: float, undecided: bool) -> None:
    assert node_class.of(node("a", "pi", written=ago)).undecided(NOW) is undecided


def test_a_node_that_comes_with_its_label_has_it_at_once() -> None:
    assert not node_class.of(node("a", "pi", written=8, age=10)).undecided(NOW)
    assert node_class.of(node("a", "pi", written=2, age=10)).undecided(NOW)


def test_what_else_is_written_to_a_node_makes_its_label_no_younger() -> None:
    # a kubelet has written just now, see tests/unit/store/nodes.py
    assert not node_class.of(node("a", "pi", written=3600)).undecided(NOW)


def test_an_architecture_needs_no_time() -> None:
    assert not node_class.of(node("a")).undecided(NOW)
