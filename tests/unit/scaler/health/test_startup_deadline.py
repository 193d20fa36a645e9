"""How long a new pod may take: every row of startup_deadline.py's table."""

import pytest

from scaler.health.startup_deadline import Deadline, ordinary
from tests.unit.scaler.builders import pod
from tests.unit.scaler.troubled import started, starting

BOUNDS = Deadline()


def pods(*took: float) -> list[object]:
    """Ready pods, the first of them the newest."""
    return [started(pod(f"p{i}"), took=t, made=3600.0 * (i + 1)) for i, t in enumerate(took)]


@pytest.mark.parametrize(
    ("took", "placed", "ready"),
    [
        ((), 60, 600),
        ((5,), 60, 60),
        ((30,), 90, 90),
        ((10, 40, 50), 120, 120),
        ((10, 40), 75, 75),
        ((300,), 600, 600),
        ((-40,), 60, 60),
        ((20, 20, 20, 30, 30, 500, 500, 500), 60, 60),
    ],
    ids=[
        *("nobody knows", "never less than the shortest", "three times as long", "the median"),
        *("of two", "never more than the longest", "a kubelet's clock is behind"),
        "only the newest five count",
    ],
)
def test_a_deadline_follows_the_ordinary_start_ups(
    took: tuple[float, ...], placed: float, ready: float
) -> None:
    made = pods(*took)
    assert BOUNDS.to_be_placed(made) == pytest.approx(placed)  # type: ignore[arg-type]
    assert BOUNDS.to_be_ready(made) == pytest.approx(ready)  # type: ignore[arg-type]


def test_pods_that_are_not_ready_say_nothing_about_ordinary_start_ups() -> None:
    assert ordinary([starting(pod(), since=500)]) is None


def test_no_ordinary_start_up_is_ever_late() -> None:
    for seconds in range(1, 600, 7):
        assert BOUNDS.to_be_ready(pods(seconds, seconds)) > seconds  # type: ignore[arg-type]
