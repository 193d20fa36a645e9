"""What a resize would remove, which none can, and when a kubelet is late."""

import pytest

from scaler.cluster import pod_state
from scaler.resizing.resize_case import ResizeCase, Terms, removes
from store.model import Size
from tests.unit.scaler.builders import DOUBLED, NGINX, NOW, size, stored, view
from tests.unit.scaler.resized import resized


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (size(), DOUBLED, None),
        (size(), size((250, None)), "nginx's cpu limit is removed"),
        (size(), size((None, 500)), "nginx's cpu request is removed"),
        (size((250, None)), size((250, 500)), None),
        (size(), size(memory=(64, None)), "nginx's memory limit is removed"),
    ],
)
def test_what_would_be_removed(before: Size, after: Size, what: str | None) -> None:
    assert removes({"nginx": before}, {"nginx": after}) == what


@pytest.mark.parametrize(("ago", "late"), [(5, False), (60, False), (61, True), (-600, False)])
def test_a_kubelet_is_late_after_the_deadline_and_a_clock_that_steps_back_waits(
    ago: float, late: bool
) -> None:
    size = stored(3)
    made = resized("web-1", {"nginx": DOUBLED}, NGINX, ago=ago, stamp_of=(1, NGINX))
    case = ResizeCase(view(made), pod_state.of(made, size), True, Terms(NOW, 60.0))
    assert case.late is late
