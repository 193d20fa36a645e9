"""What the page shows is made when it asks, once for a look; without a history, the rest."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.history import file
from scaler.history.entry import Entry
from scaler.history.gone import Gone
from scaler.history.history import History
from scaler.history.row import Row
from scaler.history.writing import Writer
from scaler.page.answers import GONE_AT_MOST, Answers
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


def _deleted(path: Path) -> None:
    path.unlink()


def _no_database(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _damaged(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xa5" * (len(whole) - 4096)
    path.write_bytes(whole)


def _a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("befalls", [_deleted, _no_database, _cut_off, _damaged, _a_directory])
def test_what_befalls_the_file_while_it_is_served_leaves_the_present_and_says_why(
    tmp_path: Path, befalls: Callable[[Path], None]
) -> None:
    path = tmp_path / "history"
    opened = file.opened(str(path), 2**24)
    one, writer = fleet.workload(1), Writer(opened, 2**24)
    for n in range(60):
        row = fleet.minute(int(fleet.NOW) - 3600 + 60 * n, 100.0, 250, 500)
        writer.write(Entry(row.at + 61.0, {(one, "nginx"): row}))
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
    made = answers(History(str(path)))
    before = made.detail(*OF, hours=1)
    assert before is not None and before.note is None and len(before.series[0].at) > 50
    befalls(path)
    after = made.detail(*OF, hours=1)
    assert after is not None and after.phase == before.phase and len(after.series[0].at) < 20
    assert (befalls is _deleted) == (after.note is None)
    assert len(made.overview().rows) == len(VIEWS)


def test_one_that_is_gone_is_shown_with_its_past_alone() -> None:
    made = answers(fleet.past())
    made.seen = lambda: Seen(VIEWS[:1], (), fleet.NOW)
    phases = {row[2]: row[3] for row in made.overview().rows}
    assert phases == {"web-0000": "Settled", "web-0001": "Gone"}
    found = made.detail(*OF, hours=1)
    assert found is not None and found.phase == "Gone" and 1000 in found.series[0].cpu_limit


def test_those_that_are_gone_have_their_last_words_the_last_ones_of_many() -> None:
    typo = Workload("apps/v1", "Deployment", "shop", "typo")
    last = Gone(fleet.NOW - 60, "Blocked", "BadAnnotation", "podtailor.io/mode: no")
    others = {replace(typo, name=f"x-{n}"): replace(last, at=float(n)) for n in range(150)}
    made = answers(fleet.Stored(last={typo: last, **others}))
    made.seen = lambda: Seen((), (), fleet.NOW)
    rows = {str(row[2]): row[3:6] for row in made.overview().rows}
    assert len(rows) == GONE_AT_MOST and "x-149" in rows and "x-0" not in rows
    at = timestamps.text(last.at)
    says = f"podtailor.io/mode: no (Blocked until {at}, then deleted)"
    assert rows["typo"] == ["Gone", "BadAnnotation", says]
    found = made.detail("shop", "Deployment", "typo", hours=1)
    assert found and (found.message, found.blocked) == (says, None)
