"""Annotations' values read strictly: every row of reader.py's table."""

import pytest

from scaler.annotations.options import Limits, Strategy
from scaler.annotations.reader import Reader, mistaken

CPU = "podtailor.io/cpu-max: "


def test_a_missing_annotation_is_the_default_and_no_mistake() -> None:
    reader = Reader({})
    assert reader.choice("limits", Limits.KEEP) is Limits.KEEP
    assert reader.amount("cpu-max", 7) == 7
    assert reader.resources("resources", frozenset({"cpu"})) == {"cpu"}
    assert not reader.flag("paused")
    assert reader.mistakes == []


@pytest.mark.parametrize(
    ("text", "value", "part"),
    [
        ("keep", Limits.KEEP, None),
        ("Keep", Limits.RATIO, 'limits: "Keep" is unknown, allowed: ratio, keep, none'),
        (" keep", Limits.RATIO, '" keep" is unknown'),
        ("", Limits.RATIO, '"" is unknown'),
    ],
)
def test_a_choice_is_one_of_the_allowed_to_the_letter(
    text: str, value: Limits, part: str | None
) -> None:
    reader = Reader({"limits": text})
    assert reader.choice("limits", Limits.RATIO) is value
    assert part in reader.mistakes[0] if part else reader.mistakes == []


def test_a_choice_of_a_later_release_is_a_mistake_that_says_so() -> None:
    reader = Reader({"strategy": "resize"})
    got = reader.choice("strategy", Strategy.RECREATE, later=[Strategy.RESIZE])
    assert got is Strategy.RECREATE
    assert reader.mistakes == [
        'podtailor.io/strategy: "resize" is not in this release, allowed: recreate'
    ]


@pytest.mark.parametrize(
    ("name", "text", "amount"),
    [
        ("cpu-max", "1500m", 1500),
        ("cpu-max.nginx", "2", 2000),
        ("memory-max", "1Ki", 1024),
        ("memory-min", "0", 0),
        ("cpu-max", "2Gi", None),
        ("memory-max", "128m", None),
        ("memory-max", "0", None),
        ("cpu-max", "-1", None),
        ("cpu-max", "two", None),
    ],
)
def test_an_amount_is_in_the_unit_of_its_name(name: str, text: str, amount: int | None) -> None:
    reader = Reader({name: text})
    assert reader.amount(name, None) == amount
    assert bool(reader.mistakes) is (amount is None)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("cpu", {"cpu"}),
        ("memory, cpu", {"cpu", "memory"}),
        ("", None),
        ("cpu,gpu", None),
        ("cpu,", None),
    ],
)
def test_resources_are_a_list_of_cpu_and_memory(text: str, listed: set[str] | None) -> None:
    reader = Reader({"resources": text})
    default = frozenset({"memory"})
    assert reader.resources("resources", default) == (listed or default)
    assert bool(reader.mistakes) is (listed is None)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("none", set()),
        ("memory", {"memory"}),
        ("memory, cpu", {"cpu", "memory"}),
        ("None", None),
        ("", None),
        ("none,cpu", None),
    ],
)
def test_restarts_are_such_a_list_or_none(text: str, listed: set[str] | None) -> None:
    reader = Reader({"restart-on-resize": text})
    default = frozenset({"memory"})
    assert reader.restarts("restart-on-resize", default) == (default if listed is None else listed)
    assert bool(reader.mistakes) is (listed is None)


@pytest.mark.parametrize(
    ("text", "on", "mistakes"),
    [("true", True, 0), ("false", False, 0), ("True", False, 1), ("", False, 1)],
)
def test_a_flag_is_true_or_false(text: str, on: bool, mistakes: int) -> None:
    reader = Reader({"paused": text})
    assert reader.flag("paused") is on
    assert len(reader.mistakes) == mistakes


@pytest.mark.parametrize(
    ("values", "crossed"), [((1, 2), False), ((2, 2), False), ((3, 2), True), ((None, 2), False)]
)
def test_a_minimum_above_its_maximum_is_a_mistake(
    values: tuple[int | None, int | None], crossed: bool
) -> None:
    reader = Reader({"cpu-min": "3m", "cpu-max.a": "2m"})
    reader.order("cpu-min.a", "cpu-max.a", values)
    expected = ['podtailor.io/cpu-min: "3m" is above podtailor.io/cpu-max.a: "2m"']
    assert reader.mistakes == (expected if crossed else [])


def test_a_long_value_is_cut_in_the_message() -> None:
    reader = Reader({"cpu-max": "x" * 1000})
    reader.amount("cpu-max", None)
    assert CPU in reader.mistakes[0] and len(reader.mistakes[0]) < 200


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("mode", None),
        ("cpu-max.nginx", None),
        ("polcy", "does not exist, did you mean podtailor.io/policy?"),
        ("zzz", "does not exist, known are mode, policy"),
        ("disruption.a", "use podtailor.io/disruption"),
        ("cpu-max.", "cannot be the name of a container"),
        ("cpu-max.A", "cannot be the name of a container"),
    ],
)
def test_a_name_that_does_not_exist_is_a_mistake(name: str, part: str | None) -> None:
    message = mistaken(name)
    assert message is None if part is None else part in (message or "")
