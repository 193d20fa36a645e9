"""House words are found where readers meet them, and the glossary lists the same ones."""

import pytest

from tests import words

LISTED = words.listed()

FOUND = [
    ("a.py", "# it is told\nx = 1\n", {"told": 1}),
    ("a.py", '"""Pods are\n    taken one by one."""\n', {"pods are taken": 1}),
    ("a.py", 'raise ValueError(f"{x} was told of {y}")\n', {"told": 1}),
    ("a.py", "told = {'told': 1}\n", {}),  # names and keys: codespell finds them
    ("a.py", "# It takes a second; untold, told-off and 'foretold' are other words\n", {}),
    ("a.yaml", "told: here  # Told there\n", {"told": 1}),
    ("a.tpl", "{{- /* anew,\n for ever */}}\n", {"anew": 1, "for ever": 1}),
    ("a.md", "Whom does it serve?\n", {"whom": 1}),
    ("a.md", "<!-- house words -->\n| told |\n<!-- house words end -->\n", {}),
]


@pytest.mark.parametrize(("path", "text", "expected"), FOUND)
def test_house_words_are_found_in_prose_alone(
    path: str, text: str, expected: dict[str, int]
) -> None:
    assert words.found(words.prose(path, text), LISTED) == expected


def test_the_rate_is_per_thousand_words() -> None:
    assert words.per_thousand(["told " + "good " * 499], LISTED) == 2.0


def test_the_glossary_shows_the_list() -> None:
    assert words.tabled() == LISTED


def test_every_file_that_has_to_be_rewritten_yet_exists() -> None:
    paths = [*words.files()]
    missing = [p for p in words.PENDING if not any(path.startswith(p) for path in paths)]
    assert not missing, "rewritten or renamed: remove it from PENDING"
