"""The last words on workloads that are gone."""

from pathlib import Path

from msgspec.structs import replace

from scaler.history import file, thinning
from scaler.history.entry import Entry
from scaler.history.gone import MOST, Gone, gone, joined
from scaler.history.history import History
from scaler.history.writing import Writer
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import view
from tests.unit.scaler.history.entries import START, workload

LAST = Gone(START, "Blocked", "NoNodeFits", "900 cores are nowhere free")


def test_only_what_was_said_of_those_that_left_is_kept() -> None:
    there = view()
    assert there.podsize is not None
    said = Status(phase=Phase.BLOCKED, reason=Reason.PAUSED, message="because")
    known = replace(there, podsize=replace(there.podsize, status=said))
    before = {known.workload: known}
    last = Gone(START, "Blocked", "Paused", "because")
    assert gone(before, before, START) == gone(before, {**before}, START) == {}
    assert gone(before, {}, START) == {known.workload: last}
    left = {known.workload: replace(known, owner=None)}
    assert gone(before, left, START) == {known.workload: last}
    assert gone(left, {}, START) == {}, "its leaving is not what was said of it"
    silent = replace(there, podsize=replace(there.podsize, status=Status()))
    assert gone({silent.workload: silent}, {}, START) == {}


def test_those_that_went_first_are_left_out() -> None:
    many = {workload(f"w{n}"): LAST for n in range(MOST)}
    again = joined(many, {workload("w0"): LAST, workload("new"): LAST})
    assert len(again) == MOST and workload("w1") not in again
    assert [*again][-2:] == [workload("w0"), workload("new")]


def test_they_are_read_again_newest_last_and_go_after_eight_days(tmp_path: Path) -> None:
    path = str(tmp_path / "history")
    opened = file.opened(path, 2**22)
    writer = Writer(opened, 2**22)
    later = replace(LAST, at=START + 1)
    writer.write(Entry(START, gone={workload("b"): later, workload("a"): LAST}))
    history = History(path)
    assert [*history.gone().items()] == [(workload("a"), LAST), (workload("b"), later)]
    much = {workload(f"w{n}"): replace(LAST, at=START + 2 + n) for n in range(MOST - 1)}
    writer.write(Entry(START + 9, gone=much))
    assert len(history.gone()) == MOST and workload("a") not in history.gone()
    after = START + thinning.KEPT + 2 * MOST
    writer.write(Entry(after, gone={workload("z"): replace(LAST, at=after)}))
    assert [*history.gone()] == [workload("z")]
    opened.close()
    assert History("").gone() == {}
