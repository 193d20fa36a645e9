"""When cycles begin, and which of them decide on every workload."""

import pytest

from scaler.cadence import Cadence
from scaler.usage import at_rest
from scaler.wake import Wake

INTERVAL = 5.0
REST = at_rest.seconds(INTERVAL)


@pytest.fixture
def cadence() -> Cadence:
    """Everything was decided on at 0."""
    made = Cadence(Wake(), INTERVAL)
    assert made.begin(0.0), "the first"
    return made


def test_what_a_watch_woke_is_about_what_changed(cadence: Cadence) -> None:
    cadence.wake.changed()
    assert not cadence.begin(1.0)
    assert cadence.started == 1.0


def test_what_time_alone_woke_is_about_everything(cadence: Cadence) -> None:
    assert cadence.begin(2.0)


def test_usage_of_all_nodes_or_an_action_of_ours_is_about_everything(cadence: Cadence) -> None:
    cadence.wake.changed()
    cadence.wake.set()
    assert cadence.begin(3.0)


def test_after_a_size_that_pods_can_have_in_place_everything_is_looked_at_once(
    cadence: Cadence,
) -> None:
    cadence.wake.changed()
    cadence.hurry = True
    assert cadence.begin(1.0)
    cadence.wake.changed()
    assert not cadence.begin(2.0)


def test_everything_is_decided_on_as_often_as_nodes_at_rest_are_read(cadence: Cadence) -> None:
    cadence.wake.changed()
    assert not cadence.begin(REST - 0.1)
    cadence.wake.changed()
    assert cadence.begin(REST)
    cadence.wake.changed()
    assert not cadence.begin(2 * REST - 0.1)


def test_it_looks_again_soon_while_something_is_awaited(cadence: Cadence) -> None:
    assert cadence.pause(lacking=False) == INTERVAL
    assert 0.5 < cadence.pause(lacking=True) < INTERVAL
    cadence.soon = True
    assert cadence.pause(lacking=True) < 0.5
