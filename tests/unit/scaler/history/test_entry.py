"""What one write has: every row of the table in entry.py."""

from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import BadAnnotation
from scaler.history import entry
from scaler.sizing.evidence import MinuteOf
from scaler.usage.window import Minute, NoMinute
from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import MI, NOW, asked, pod, size, view
from tests.unit.scaler.history.entries import change

AT = 1_795_000_560


def used(**minutes: Minute | NoMinute) -> MinuteOf:
    """By pod, with underscores."""

    def minute_of(of: objects.Pod, container: str) -> Minute | NoMinute:
        return minutes[of.metadata.name.replace("-", "_")]

    return minute_of


HOT = Minute(480.0, 65.0, 50 * MI, NOW, 500.0, 0.5, 30 * MI, 40 * MI)
COLD = Minute(10.0, 60.0, 90 * MI, NOW)
NONE = NoMinute(Reason.WARMING_UP, "as given")


def test_each_figure_is_of_the_replica_that_has_most_of_it() -> None:
    seen = view(pod("a"), pod("b", {"nginx": size((250, 1000))}))
    (row,) = entry.rows([seen], used(a=COLD, b=HOT), AT + 61.0).values()
    assert (row.at, row.seconds) == (AT, 60)
    assert (row.cpu_mean, row.cpu_max, row.throttled) == (480.0, 500.0, 0.5)
    assert (row.memory, row.working_set) == (40 * MI, 90 * MI)
    assert (row.cpu_request, row.cpu_limit) == (250, 1000)
    assert (row.memory_request, row.memory_limit) == (64 * MI, 128 * MI)


def test_what_a_source_does_not_know_is_none() -> None:
    (row,) = entry.rows([view()], used(web_1=COLD, web_2=COLD), NOW).values()
    assert (row.cpu_max, row.throttled, row.memory) == (10.0, None, None)


def test_a_replica_without_a_minute_is_left_out() -> None:
    (row,) = entry.rows([view()], used(web_1=NONE, web_2=COLD), NOW).values()
    assert row.cpu_mean == 10.0
    assert entry.rows([view()], used(web_1=NONE, web_2=NONE), NOW) == {}


def test_a_pod_that_is_terminating_does_not_count() -> None:
    seen = view(pod("a", going=True), pod("b"))
    (row,) = entry.rows([seen], used(a=HOT, b=COLD), NOW).values()
    assert row.cpu_mean == 10.0


def test_a_workload_that_left_has_no_row_and_one_with_a_mistake_has() -> None:
    minute_of = used(web_1=COLD, web_2=COLD)
    for settings in (None, asked(mode="off")):
        assert entry.rows([replace(view(), settings=settings)], minute_of, NOW) == {}
    wrong = replace(view(), settings=BadAnnotation("as given"))
    assert len(entry.rows([wrong], minute_of, NOW)) == 1


def test_a_quantity_that_cannot_be_read_leaves_out_its_workload_alone() -> None:
    container = {"name": "nginx", "resources": {"limits": {"cpu": "much"}}}
    broken = view(pod("a"), pod("b", containers=[container]))
    other = replace(view(), workload=replace(view().workload, name="other"))
    rows = entry.rows([broken, other], used(a=COLD, b=COLD, web_1=COLD, web_2=COLD), NOW)
    assert [w.name for w, _ in rows] == ["other"]


def test_all_containers_of_a_minute_have_its_beginning() -> None:
    assert {entry.slot(AT + 60 + s) for s in (0.0, 0.1, 59.9)} == {AT}
    assert entry.slot(AT + 120.0) == AT + 60
    assert entry.slot(0.5) == -60


def test_changes_are_those_of_the_status() -> None:
    lines = (change("2026-11-23T20:35:06Z"),)
    seen = view(status=Status(changes=lines))
    assert entry.changes([seen, view()]) == {seen.workload: lines}
