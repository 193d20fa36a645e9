"""Who is enrolled, as the checks of plan.py see it."""

from typing import Any

import pytest

from scaler.annotations.options import BadAnnotation
from scaler.planning.plan_case import PlanCase
from tests.unit.scaler.builders import asked, view
from tests.unit.scaler.cycles import context


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        (None, True),
        (asked(mode="off"), True),
        (asked(mode="observe"), False),
        (asked(mode="auto"), False),
        (BadAnnotation("mode: atuo"), False),  # nobody can tell, so nothing is taken back
    ],
    ids=["removed", "off", "observe", "auto", "a typo"],
)
def test_a_workload_has_left_once_its_annotations_say_so(settings: Any, left: bool) -> None:
    case = PlanCase(view(settings=settings), context())
    assert case.left is left
    assert case.settings is (None if isinstance(settings, BadAnnotation) else settings)
