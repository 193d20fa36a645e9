"""What was said of a workload last, and done: every row of the table in said.py."""

import pytest

from scaler.annotations.options import BadAnnotation
from scaler.model import Standing
from scaler.status.said import changed, said
from store.model import Phase, Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import asked, view

DONE = Change("2026-11-23T20:35:06Z", 1, "nginx", "cpu", "500m", None, Reason.DOUBLED)
SPOKE = Status(phase=Phase.SETTLED, reason=Reason.IN_BOUNDS, message="calm", changes=(DONE,))
TYPO = asked(mode="atuo")


@pytest.mark.parametrize("settings", [asked(), TYPO])
def test_a_status_is_what_was_said(settings: object) -> None:
    made = view(status=SPOKE, settings=settings)  # type: ignore[arg-type]
    assert said(made) == Standing(Phase.SETTLED, Reason.IN_BOUNDS, "calm")


def test_without_one_a_mistake_in_an_annotation_is() -> None:
    assert isinstance(TYPO, BadAnnotation)
    expected = Standing(Phase.BLOCKED, Reason.BAD_ANNOTATION, TYPO.message)
    assert said(view(settings=TYPO, kept=None)) == expected
    assert said(view(kept=None)) is None


def test_the_last_change_is_one_line() -> None:
    words = "2026-11-23T20:35:06Z nginx cpu 500m to unset, Doubled"
    assert changed(view(status=SPOKE)) == words
    assert changed(view()) == ""
