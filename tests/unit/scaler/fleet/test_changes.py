"""What is counted of a workload's changes, and when one has reached all pods."""

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.fleet import changes
from scaler.fleet.changes import Known, News
from scaler.model import Decision, Plan, Standing, Wait
from store.model import Apply, Phase, Status, Workload
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import NOW, injected, pod, stored, view, workload

FIRST, SECOND = stored(1), stored(2)
Look = tuple[Status, tuple[object, ...]]


def line(revision: int, reason: Reason = Reason.DOUBLED, ago: float = 0) -> Change:
    at = timestamps.text(NOW - ago)
    return Change(at, revision, "nginx", "cpu", "500m", "1", reason)


def plan(*reasons: Reason) -> Plan:
    decisions = tuple(Decision("nginx", "cpu", None, reason, "") for reason in reasons)
    return Plan(workload(), Standing(Phase.SETTLED, Reason.IN_BOUNDS, ""), Wait(), decisions)


OLD, GOT = (pod("web-1"), pod("web-2")), (injected("web-1", FIRST), injected("web-2", FIRST))
CHANGED = Status(size=FIRST, changes=(line(1),))


def looks(*seen: tuple[Status, tuple[object, ...], float]) -> News:
    """All that is new in these looks after the first: status, pods, seconds after NOW."""
    known: dict[Workload, Known] = {}
    news = News()
    for number, (status, pods, after) in enumerate(seen):
        one = view(*pods, status=status)  # type: ignore[arg-type]
        known, more = changes.followed(known, [one], [], NOW + after)
        assert number or more == News(), "the first look counts nothing"
        news.changes += more.changes
        news.rollbacks += more.rollbacks
        news.seconds += more.seconds
    return news


def test_a_change_counts_once_and_is_done_when_all_pods_have_it() -> None:
    half = (GOT[0], OLD[1])
    news = looks((Status(), OLD, 0), (CHANGED, OLD, 1), (CHANGED, half, 20), (CHANGED, GOT, 42))
    assert news == News(changes=[("cpu", Reason.DOUBLED)], seconds=[42.0])


def test_what_was_changed_before_the_first_look_is_not_counted() -> None:
    assert looks((CHANGED, OLD, 0), (CHANGED, GOT, 9), (CHANGED, GOT, 10)) == News()


def test_another_size_before_all_have_the_first_begins_the_time_again() -> None:
    again = Status(size=SECOND, changes=(line(2, ago=-30), line(1)))
    got = (injected("web-1", SECOND), injected("web-2", SECOND))
    news = looks((Status(), OLD, 0), (CHANGED, OLD, 1), (again, OLD, 31), (again, got, 40))
    assert news.seconds == [10.0] and len(news.changes) == 2


@pytest.mark.parametrize("size", [None, replace(SECOND, apply=Apply.NEW)])
def test_a_rollback_is_counted_and_has_no_time(size: object) -> None:
    back = Status(size=size, changes=(line(2, Reason.ROLLED_BACK), line(1)))  # type: ignore[arg-type]
    news = looks((Status(), OLD, 0), (CHANGED, OLD, 1), (back, OLD, 60), (back, OLD, 70))
    assert news.rollbacks == 1 and news.seconds == []
    assert news.changes == [("cpu", Reason.DOUBLED), ("cpu", Reason.ROLLED_BACK)]


def test_nothing_is_done_while_there_is_no_pod_or_one_is_held() -> None:
    assert looks((Status(), OLD, 0), (CHANGED, (pod("web-1", going=True),), 9)).seconds == []
    known, _ = changes.followed({}, [view(*OLD)], [], NOW)
    held = view(*GOT, status=CHANGED, held=(pod("web-0"),))
    assert changes.followed(known, [held], [], NOW + 9)[1].seconds == []


def test_a_decision_that_stays_the_same_counts_once() -> None:
    known: dict[Workload, Known] = {}
    counted = []
    for reason in (Reason.IN_BOUNDS, Reason.IN_BOUNDS, Reason.DOUBLED, Reason.IN_BOUNDS):
        known, news = changes.followed(known, [view()], [plan(reason)], NOW)
        counted.append(len(news.decisions))
    assert counted == [1, 0, 1, 1]


def test_a_workload_that_is_gone_is_forgotten() -> None:
    known, _ = changes.followed({}, [view()], [plan(Reason.IN_BOUNDS)], NOW)
    assert [*known] == [workload()]
    assert changes.followed(known, [], [], NOW)[0] == {}
