"""What a new size changes, line by line: the table of change_log.py."""

from msgspec.structs import replace

from kube import timestamps
from scaler.status import change_log
from store.model import Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import (
    DOUBLED,
    LONG_AGO,
    NGINX,
    NOW,
    hand,
    injected,
    owner,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import context, using
from tests.unit.scaler.statuses import HOT, line, status_of


def test_the_history_has_twenty_lines_at_most_newest_first() -> None:
    old = Status(size=stored(40), changes=tuple(line(40 - i) for i in range(20)))
    seen = view(injected("a", stored(40)), injected("b", stored(40)), status=old)
    new = status_of(seen, context(using(nginx=990)))
    assert [c.revision for c in new.changes] == [41, *range(40, 21, -1)]


def test_the_time_of_a_change_is_that_of_its_write() -> None:
    """Found by simulation: a call that hung before it made a pod look as if it came after."""
    new, old = line(4), replace(line(3), at=timestamps.text(NOW - 90))
    made = change_log.dated(Status(changes=(new, old)), Status(changes=(old,)), NOW + 60)
    assert made.changes == (replace(new, at=timestamps.text(NOW + 60)), old)


def test_an_edited_manifest_goes_into_the_history() -> None:
    came = {"nginx": size((500, 1000))}
    pods = [injected("a", stored(), came), injected("b", stored(), came)]
    seen = view(*pods, whose=owner(came), status=Status(size=stored(), changes=(line(1),)))
    new = status_of(seen)
    assert (new.reason, new.size and new.size.revision) == (Reason.MANIFEST_CHANGED, 2)
    assert new.changes[0] == Change(
        timestamps.text(NOW), 2, "nginx", "cpu", "1", "1", Reason.MANIFEST_CHANGED
    )
    assert new.message == "the manifest's cpu of nginx was edited and is in force"


def test_a_container_that_is_gone_goes_into_the_history() -> None:
    two = {**NGINX, "side": size()}
    old = stored(1, {"nginx": DOUBLED, "side": DOUBLED}, came=two)
    seen = view(injected("a", old), status=Status(size=old), whose=owner())
    new = status_of(seen)
    assert new.changes == (
        Change(timestamps.text(NOW), 2, "side", "cpu", "1", None, Reason.MANIFEST_CHANGED),
    )
    assert new.message == "the manifest no longer has: side"


def test_a_size_by_hand_and_a_step_have_each_their_reason_in_the_history() -> None:
    new = status_of(view(by_hand=[hand(memory=(100, 200))]), HOT)
    assert [(c.resource, c.before, c.after, c.reason) for c in new.changes] == [
        ("cpu", "500m", "1", Reason.DOUBLED),
        ("memory", "128Mi", "200Mi", Reason.MANUAL),
    ]


def test_opting_out_and_in_again_uses_up_one_line() -> None:
    """An operator that puts the annotation on and off would push the history out of it."""
    old = Status(changes=tuple(line(20 - i) for i in range(20)))
    for _ in range(5):
        pods = injected("a", stored(old.highest_revision)), injected("b", stored(1))
        old = status_of(view(*pods, status=old))
        assert old.size and old.changes[0].revision == old.size.revision == old.highest_revision
        assert old.changes[0].reason is Reason.MANUAL
        old = replace(old, size=None)  # it opts out
    assert [c.reason for c in old.changes].count(Reason.MANUAL) == 1
    assert [c.revision for c in old.changes[1:]] == [20 - i for i in range(19)]


def test_a_size_that_is_set_by_hand_again_has_a_line_of_its_own() -> None:
    old = Status(size=stored(3), changes=(line(3), line(2, Reason.MANUAL), line(1)))
    seen = view(injected("a", stored(3)), status=old, by_hand=[hand(cpu=(900, 1800))])
    new = status_of(seen)
    assert new.changes[1:] == old.changes


def test_the_newest_kill_of_each_container_outlives_the_others() -> None:
    """The size after it is a floor for days, whatever CPU did since."""

    def change(n: int, reason: Reason, resource: str = "cpu", name: str = "nginx") -> Change:
        return Change(LONG_AGO, n, name, resource, "1", "2", reason)

    kills = [
        change(3, Reason.OOM_KILLED, "memory"),
        change(2, Reason.OOM_KILLED, "memory", "side"),
        change(1, Reason.OOM_KILLED, "memory"),
    ]
    old = (*(change(n, Reason.DOUBLED) for n in range(23, 3, -1)), *kills)
    kept = change_log._cut(old)
    assert len(kept) == change_log.LONGEST
    assert [c.revision for c in kept] == [*range(23, 5, -1), 3, 2]
