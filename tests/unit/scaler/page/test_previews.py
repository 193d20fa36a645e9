"""What would have changed, as the page shows it: of what is observed, once in some minutes."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from scaler.history.row import Row
from scaler.page.doors import Refused
from scaler.page.past import NoPast
from scaler.page.previews import GOOD, Previews
from scaler.page.seen import Seen
from store.model import Workload
from tests.page import fleet
from tests.unit.scaler import builders

SEEN = Seen((fleet.view(0), fleet.observed(1), fleet.observed(2)))
OF = ("team-1", "Deployment", "web-0001")


class Counted(fleet.Stored):
    """Counts how often it is asked."""

    asked = 0

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> Sequence[Row]:
        self.asked += 1
        return super().minutes(workload, container, since, until)


class Broken(NoPast):
    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> Sequence[Row]:
        raise OSError("the file is no database")


def previews(past: NoPast | None = None) -> Previews:
    return Previews(lambda: SEEN, lambda: fleet.NOW, past or fleet.past())


def test_those_that_are_observed_are_named() -> None:
    assert previews().names() == [OF, ("team-2", "Deployment", "web-0002")]


def test_what_would_have_changed_is_said_of_these_alone() -> None:
    found = previews().of(*OF)
    assert found is not None and found["restarts"] == 2
    assert found["cpuRequested"] == {"asItIs": 500, "sized": 1000}
    assert previews().of("team-0", "Deployment", "web-0000") is None
    assert previews().of("team-0", "Deployment", "none") is None


def test_it_is_replayed_once_in_some_minutes() -> None:
    past = Counted(fleet.past().rows)
    made = previews(past)
    assert made.of(*OF) is made.of(*OF)
    assert past.asked == 1
    made.clock = lambda: fleet.NOW + GOOD
    made.of(*OF)
    assert past.asked == 2


def test_a_history_that_cannot_be_read_is_an_error_and_not_zero() -> None:
    with pytest.raises(Refused, match="no database") as caught:
        previews(Broken()).of(*OF)
    assert caught.value.status == 503


def test_a_quantity_that_cannot_be_read_leaves_it_out() -> None:
    one = fleet.observed(1)
    pod = builders.pod("web-1")
    odd = replace(
        pod.spec.containers[0],
        resources=replace(pod.spec.containers[0].resources, limits={"cpu": "x"}),
    )
    pods = (replace(pod, spec=replace(pod.spec, containers=[odd])),)
    made = Previews(lambda: Seen((replace(one, pods=pods),)), lambda: fleet.NOW)
    assert made.of(*OF) is None
