"""Failures: what counts as one, how long the back-off is, and that no clock can stretch it."""

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.model import Evict, Write
from store.model import Status
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import NGINX, NOW, injected, pod, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned

SIZE = stored(3)
WRITTEN = NOW - 60


def status(wait: BackOff = BackOff()) -> Status:  # noqa: B008 (frozen)
    line = Change(timestamps.text(WRITTEN), 3, "nginx", "cpu", "500m", "1", Reason.DOUBLED)
    return Status(size=SIZE, changes=(line,), backoff=wait)


def made(at: float, revision: int | None = None) -> objects.Pod:
    """A pod that did not get the size."""
    stamp = None if revision is None else (revision, NGINX)
    return pod("late", stamp_of=stamp, created=timestamps.text(at))


def seen(late: objects.Pod, wait: BackOff = BackOff()) -> View:  # noqa: B008 (frozen)
    return view(injected("a", SIZE), late, status=status(wait))


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (1, 300), (2, 600), (3, 1200), (7, 19200), (8, 21600), (1000, 21600)],
)
def test_the_back_off_doubles_up_to_six_hours(failures: int, seconds: float) -> None:
    assert backoff.delay(failures) == seconds


def test_a_failure_starts_its_back_off() -> None:
    kind = Reason.WEBHOOK_UNVERIFIED
    first = backoff.failed(BackOff(), NOW, kind, "why")
    assert first == BackOff(1, timestamps.text(NOW + 300), kind, "why")
    again = backoff.failed(BackOff(2, "x"), NOW, Reason.ROLLED_BACK, "why")
    assert again == BackOff(3, timestamps.text(NOW + 1200), Reason.ROLLED_BACK, "why")


@pytest.mark.parametrize("failures", [1, 2, 8, 40])
def test_the_time_of_a_failure_follows_from_the_end_of_its_back_off(failures: int) -> None:
    assert (
        backoff.failed_at(backoff.failed(BackOff(failures - 1), NOW, Reason.ROLLED_BACK, "")) == NOW
    )


def test_a_record_without_a_failure_has_no_time_of_one() -> None:
    assert backoff.failed_at(BackOff()) is None
    assert backoff.failed_at(BackOff(1, "nonsense")) is None
    assert backoff.failed_at(BackOff(0, timestamps.text(NOW))) is None


@pytest.mark.parametrize(
    ("until", "holds"),
    [(NOW + 300, True), (NOW + 1, True), (NOW, False), (NOW - 9, False), (NOW + 900, False)],
    ids=["begun", "nearly over", "over", "long over", "written by a clock that was ahead"],
)
def test_a_back_off_holds_until_its_end(until: float, holds: bool) -> None:
    assert backoff.holds(BackOff(1, timestamps.text(until)), NOW) is holds


def test_a_record_without_a_failure_holds_nothing_back() -> None:
    assert not backoff.holds(BackOff(), NOW)
    assert not backoff.holds(BackOff(1, "nonsense"), NOW)


@pytest.mark.parametrize(
    ("late", "counts"),
    [
        (made(WRITTEN + 2), True),
        (made(WRITTEN + 2, 2), True),
        (made(WRITTEN + 2, 0), True),
        (made(WRITTEN + 1), False),
        (made(WRITTEN - 9), False),
        (made(WRITTEN + 2, 3), False),
        (injected("late", SIZE, created=timestamps.text(WRITTEN + 2)), False),
    ],
    ids=[
        "no stamp",
        "an older revision",
        "no size",
        "in the second of the write",
        "before it",
        "our revision: rewritten",
        "it has the values",
    ],
)
def test_pods_that_the_webhook_missed(late: objects.Pod, counts: bool) -> None:
    assert backoff.missed(seen(late), frozenset(), NOW) == (["late"] if counts else [])


@pytest.mark.parametrize(
    ("made_at", "there", "counts"),
    [
        (WRITTEN, {"uid-a"}, True),
        (WRITTEN, {"uid-a", "uid-late"}, False),
        (WRITTEN - 1, {"uid-a"}, False),
        (WRITTEN, set(), False),
    ],
    ids=["it came since", "it was there", "made before", "nothing is known"],
)
def test_a_pod_that_came_after_a_replacement_counts_as_missed_in_the_second_of_the_write(
    made_at: float, there: set[str], counts: bool
) -> None:
    late = seen(made(made_at))
    assert bool(backoff.missed(late, frozenset(there), NOW)) is counts


@pytest.mark.parametrize(
    ("pod", "now", "waits"),
    [
        (made(WRITTEN), WRITTEN + 1, True),
        (made(WRITTEN + 1), WRITTEN + 2, True),
        (made(WRITTEN + 1), WRITTEN + 2.5, False),
        (made(WRITTEN - 1), WRITTEN + 1, False),
        (made(WRITTEN, 3), WRITTEN + 1, False),
        (made(WRITTEN), WRITTEN - 5, False),
    ],
    ids=["as it was written", "a second later", "over", "before", "rewritten", "a clock behind"],
)
def test_no_pod_is_replaced_in_the_second_of_a_write(
    pod: objects.Pod, now: float, waits: bool
) -> None:
    assert bool(backoff.undecided(seen(pod), now)) is waits


@pytest.mark.parametrize(
    ("made_at", "until", "counts"),
    [(NOW - 20, NOW + 10, False), (NOW - 20, NOW - 10, False), (NOW - 5, NOW - 10, True)],
    ids=["during the back-off", "made while it was", "made after it"],
)
def test_each_back_off_is_for_one_failure(made_at: float, until: float, counts: bool) -> None:
    wait = BackOff(1, timestamps.text(until))
    assert bool(backoff.missed(seen(made(made_at), wait), frozenset(), NOW)) is counts


def test_a_size_whose_write_is_not_on_record_has_no_missed_pods() -> None:
    bare = view(made(NOW - 1), status=Status(size=SIZE))
    assert backoff.missed(bare, frozenset(), NOW) == []


def test_a_failure_is_written_once_waited_out_and_forgotten_when_all_is_well() -> None:
    late = made(NOW - 30)
    first = planned(seen(late))
    assert isinstance(first.action, Write)
    assert first.action.status.backoff == backoff.failed(
        BackOff(), NOW, first.standing.reason, first.standing.message
    )
    assert first.standing.reason is Reason.WEBHOOK_UNVERIFIED and "late" in first.standing.message
    after = carried_out(seen(late), first)
    waiting = planned(after)
    assert waiting.standing.reason is Reason.BACKING_OFF
    after = carried_out(after, waiting)
    for second in range(0, 300, 50):
        assert not isinstance(planned(after, context(now=NOW + second)).action, Write)
    well = replace(after, pods=(injected("a", SIZE), injected("b", SIZE)))
    done = planned(well, context(now=NOW + 100))
    assert isinstance(done.action, Write) and done.action.status.backoff == BackOff()


UNTRUSTED = BackOff(1, timestamps.text(NOW + 290), "WebhookUnverified")


@pytest.mark.parametrize(
    ("wait", "repaired", "ends"),
    [
        (UNTRUSTED, None, NOW + 290),
        (UNTRUSTED, NOW - 20, NOW - 10),
        (UNTRUSTED, NOW - 4, NOW - 4),
        (UNTRUSTED, NOW - 41, NOW + 290),
        (replace(UNTRUSTED, reason="Rewritten"), NOW - 4, NOW + 290),
        (BackOff(), NOW - 4, None),
    ],
    ids=["never", "just before it was noticed", "since", "long before", "another kind", "none"],
)
def test_what_we_repaired_ourselves_is_not_waited_for(
    wait: BackOff, repaired: float | None, ends: float | None
) -> None:
    got = backoff.relieved(wait, repaired)
    assert timestamps.seconds(got.until) == ends
    assert got.failures == wait.failures, "it was a failure all the same"


def test_after_a_repair_the_next_pod_is_replaced_at_once() -> None:
    """The pod that came without its size does not count again, one that comes later does."""
    failed = seen(made(NOW - 20), replace(UNTRUSTED, until=timestamps.text(NOW + 285)))
    assert planned(failed, context(now=NOW)).standing.reason is Reason.BACKING_OFF
    plan = planned(failed, context(now=NOW, repaired=NOW - 14))
    assert isinstance(plan.action, Evict) and plan.action.pod == "late"
    again = seen(made(NOW - 3), replace(UNTRUSTED, until=timestamps.text(NOW + 285)))
    plan = planned(again, context(now=NOW, repaired=NOW - 14))
    assert plan.standing.reason is Reason.WEBHOOK_UNVERIFIED
    assert isinstance(plan.action, Write) and plan.action.status.backoff.failures == 2
