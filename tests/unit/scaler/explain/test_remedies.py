"""Each reason has a remedy, and each remedy names what exists."""

import re
from pathlib import Path

import pytest

from scaler.explain.remedies import REMEDIES, remedy
from store.reasons import Reason

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_has_one(reason: Reason) -> None:
    assert remedy(str(reason)) == REMEDIES[reason] != ""


def test_nothing_reported_has_one_too() -> None:
    assert "nothing" in remedy(None)


def test_annotations_and_values_that_are_named_exist() -> None:
    readme, values = ((ROOT / n).read_text() for n in ("README.md", "charts/podtailor/README.md"))
    text = " ".join(REMEDIES.values())
    for name in re.findall(r"podtailor\.io/([a-z-]+)", text):
        assert name in readme
    for value in re.findall(r"(?:scaler|policy)\.[A-Za-z.]+[A-Za-z]", text):
        assert value in values
