"""What the page shows is made when it asks, once for a look; without a history, the rest."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from scaler.history.row import Row
from scaler.page.answers import Answers
from scaler.page.past import NoPast, Past
from scaler.page.seen import Seen
from scaler.reporting.journal import Journal
from store.model import Workload
from tests.page import fleet

VIEWS = tuple(fleet.view(n) for n in range(3))
SEEN = Seen(VIEWS, tuple(map(fleet.plan, VIEWS)), fleet.NOW)
OF = ("team-1", "Deployment", "web-0001")


def answers(past: Past | None = None) -> Answers:
    windows = fleet.windows(VIEWS)
    return Answers(lambda: SEEN, windows, Journal(), lambda: fleet.NOW, past or NoPast())


class Broken(NoPast):
    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> Sequence[Row]:
        raise OSError("the file is no database")


def test_the_overview_is_made_once_for_each_look() -> None:
    made = answers()
    first = made.overview()
    assert made.overview() is first and len(first.rows) == 3
    made.seen = lambda: replace(SEEN, at=fleet.NOW + 5)
    assert made.overview() is not first


def test_a_workload_comes_with_its_past_and_what_is_in_memory() -> None:
    found = answers(fleet.past()).detail(*OF, hours=1)
    assert found is not None and found.note is None
    (series,) = found.series
    assert series.at[0] >= fleet.NOW - 3600 and series.at[-1] == fleet.NOW
    assert {500, 1000} <= {*series.cpu_limit}
    longer = answers(fleet.past()).detail(*OF, hours=6)
    assert longer is not None and len(longer.series[0].at) > len(series.at)


def test_one_that_is_not_enrolled_is_not_known() -> None:
    assert answers().detail("team-1", "StatefulSet", "web-0001", 1) is None


def test_a_history_that_cannot_be_read_is_said_and_the_present_is_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = answers(Broken()).detail(*OF, hours=1)
    assert found is not None and found.note == "the file is no database"
    assert len(found.series[0].at) == 8 and found.changes
    assert "the history was not read" in caplog.text


def test_one_that_is_gone_is_shown_with_its_past_alone() -> None:
    made = answers(fleet.past())
    made.seen = lambda: Seen(VIEWS[:1], (), fleet.NOW)
    phases = {row[2]: row[3] for row in made.overview().rows}
    assert phases == {"web-0000": "Settled", "web-0001": "Gone"}
    found = made.detail(*OF, hours=1)
    assert found is not None and found.phase == "Gone" and 1000 in found.series[0].cpu_limit
