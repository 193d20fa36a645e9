"""Who may act, and never two at once: the decision as a table, the loop against a real server.

A lease here lasts one second; each contender runs as it does in the scaler, in threads.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from kube.lease import Lease
from kube.lease_record import Record, Step, next_step, written
from tests.unit.kube.leases import Door, Leases, door
from tests.unit.kube.scripted import eventually

OURS, THEIRS = "scaler-a_1", "scaler-b_2"


def theirs(seconds: int | None = 15, renewed: str | None = None) -> Record:
    return Record(THEIRS, seconds, renewed, renewed, 3)


STEPS = [
    ("there is none", None, 0.0, Step.TAKE),
    ("nobody holds it", Record(None, 15), 0.0, Step.TAKE),
    ("nobody, spelt as client-go does", Record("", 1), 0.0, Step.TAKE),
    ("ours", Record(OURS, 15), 0.0, Step.RENEW),
    ("ours, long not renewed", Record(OURS, 15), 1e6, Step.RENEW),
    ("theirs, just seen", theirs(), 0.0, Step.WAIT),
    ("theirs, almost ended", theirs(), 14.999, Step.WAIT),
    ("theirs, ended", theirs(), 15.0, Step.TAKE),
    ("theirs, which promises longer than we do", theirs(60), 59.0, Step.WAIT),
    ("theirs, which promises nothing", theirs(None), 14.0, Step.WAIT),
    ("theirs, which promises nothing, and ended", theirs(None), 15.0, Step.TAKE),
    ("their clock is years ahead", theirs(15, "2099-01-01T00:00:00.000000Z"), 15.0, Step.TAKE),
    ("their clock is years behind", theirs(15, "1999-01-01T00:00:00.000000Z"), 14.0, Step.WAIT),
]


@pytest.mark.parametrize(("name", "record", "unchanged", "step"), STEPS)
def test_the_next_step_of_a_contender(
    name: str, record: Record | None, unchanged: float, step: Step
) -> None:
    for first_seen in (0.0, 7.5, 1e6):
        assert next_step(record, first_seen, first_seen + unchanged, OURS) is step, name


WRITTEN = [
    ("made", None, Record(OURS, 15, "now", "now", 0)),
    ("renewed", Record(OURS, 9, "then", "since", 4), Record(OURS, 15, "then", "now", 4)),
    ("taken", Record(THEIRS, 9, "then", "since", 4), Record(OURS, 15, "now", "now", 5)),
    ("after a release", Record(None, 9, "then", "since", 4), Record(OURS, 15, "now", "now", 5)),
    ("made by hand", Record(), Record(OURS, 15, "now", "now", 1)),
]


@pytest.mark.parametrize(("name", "old", "expected"), WRITTEN)
def test_the_spec_that_is_written_at_each_step(
    name: str, old: Record | None, expected: Record
) -> None:
    assert written(old, OURS, 15, "now") == expected, name


@dataclass
class Contender:
    """A Lease with its thread; `losses` are the reasons reported to it."""

    lease: Lease
    losses: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.lease.lost = self.losses.append
        self.thread = threading.Thread(target=self.lease.run, args=(self.stop,))
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


def contender(through: Door, identity: str) -> Contender:
    return Contender(Lease(through.gateway(), "ns", "scaler", identity, duration=1.0, renew=0.1))


@pytest.fixture
def leases() -> Leases:
    return Leases()


@pytest.fixture
def first(leases: Leases) -> Iterator[Door]:
    with door(leases) as made:
        yield made


@pytest.fixture
def second(leases: Leases) -> Iterator[Door]:
    with door(leases) as made:
        yield made


@contextmanager
def ended(*contenders: Contender) -> Iterator[None]:
    """Stop them after the block, and assert that no two of them ever held it at once."""
    over = threading.Event()
    both: list[float] = []

    def look() -> None:
        while not over.wait(0.002):
            if sum(c.lease.held() for c in contenders) > 1:
                both.append(time.monotonic())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        for one in contenders:
            one.end()
        over.set()
        looking.join()
    assert not both


def test_the_first_contender_gets_the_lease_and_the_second_follows_an_orderly_end(
    leases: Leases, first: Door, second: Door
) -> None:
    a = contender(first, OURS)
    eventually(a.lease.held)
    spec = leases.spec()
    assert spec["holderIdentity"] == OURS
    assert (spec["leaseDurationSeconds"], spec["leaseTransitions"]) == (1, 0)
    b = contender(second, THEIRS)
    with ended(a, b):
        time.sleep(1.3)  # longer than it lasts: renewals keep it
        assert a.lease.held() and not b.lease.held()
        assert leases.spec()["acquireTime"] == spec["acquireTime"]
        before = time.monotonic()
        a.end()
        eventually(b.lease.held)
        assert time.monotonic() - before < 0.95, "it waited for the end of the lease"
        assert (leases.spec()["leaseTransitions"], a.losses) == (1, [])


def test_of_many_contenders_that_begin_at_once_one_holds_the_lease(first: Door) -> None:
    contenders = [contender(first, f"scaler-{i}") for i in range(6)]
    with ended(*contenders):
        eventually(lambda: any(c.lease.held() for c in contenders))
        time.sleep(0.5)
        assert sum(c.lease.held() for c in contenders) == 1


@pytest.mark.parametrize("answers", ["hung", "garbled"])
def test_a_holder_whose_server_fails_ends_before_another_begins(
    leases: Leases, first: Door, second: Door, answers: str
) -> None:
    a = contender(first, OURS)
    eventually(a.lease.held)
    b = contender(second, THEIRS)
    with ended(a, b):
        getattr(first, answers).set()
        eventually(lambda: not a.lease.held())
        eventually(lambda: a.losses)
        assert "not renewed for" in a.losses[0]
        eventually(b.lease.held)
        a.thread.join(1)
        assert not a.thread.is_alive(), "it does not contend again: the program is to exit"
        getattr(first, answers).clear()
        assert (b.losses, len(a.losses), leases.spec()["leaseTransitions"]) == ([], 1, 1)


def test_a_server_that_is_silent_for_a_moment_costs_nothing(leases: Leases, first: Door) -> None:
    a = contender(first, OURS)
    with ended(a):
        eventually(a.lease.held)
        first.hung.set()
        time.sleep(0.3)
        first.hung.clear()
        time.sleep(0.8)
        assert a.lease.held() and not a.losses


def test_a_renewal_whose_answer_is_lost_is_found_again(leases: Leases, first: Door) -> None:
    a = contender(first, OURS)
    with ended(a):
        eventually(a.lease.held)
        before = leases.writes
        first.mute.set()
        eventually(lambda: leases.writes > before)
        first.mute.clear()
        time.sleep(0.9)
        assert a.lease.held() and not a.losses
        assert leases.spec()["leaseTransitions"] == 0


def test_a_lease_that_somebody_takes_away_is_lost_at_once(leases: Leases, first: Door) -> None:
    a = contender(first, OURS)
    with ended(a):
        eventually(a.lease.held)
        leases.put({"holderIdentity": "somebody", "leaseDurationSeconds": 600})
        eventually(lambda: a.losses)
        assert a.losses == ["taken by somebody"]
        assert not a.lease.held()


def test_a_deleted_lease_stays_with_its_holder(leases: Leases, first: Door, second: Door) -> None:
    leases.put({}, chart="podtailor")
    a = contender(first, OURS)
    eventually(a.lease.held)
    b = contender(second, THEIRS)
    with ended(a, b):
        time.sleep(0.3)
        first.hung.set()  # so that it is the other who sees it gone first
        leases.delete()
        time.sleep(0.3)
        assert not b.lease.held()
        first.hung.clear()
        time.sleep(0.5)
        assert a.lease.held() and not b.lease.held()
    assert leases.labels() == {"chart": "podtailor"}, "whose it was, so that Helm knows it"


def test_a_deleted_lease_goes_to_another_once_its_holder_has_ended(
    leases: Leases, first: Door, second: Door
) -> None:
    a = contender(first, OURS)
    eventually(a.lease.held)
    b = contender(second, THEIRS)
    with ended(a, b):
        time.sleep(0.3)
        first.hung.set()
        leases.delete()
        eventually(b.lease.held)
        assert a.losses


def test_labels_and_fields_of_others_on_the_lease_stay(leases: Leases, first: Door) -> None:
    leases.put({}, chart="podtailor")
    a = contender(first, OURS)
    with ended(a):
        eventually(a.lease.held)
        leases.put(leases.spec(), chart="podtailor", more="yes")  # a conflict for the holder
        time.sleep(0.5)
        assert a.lease.held() and not a.losses
    assert leases.labels() == {"chart": "podtailor", "more": "yes"}
    assert "holderIdentity" not in leases.spec()


def test_an_orderly_end_does_not_wait_for_a_server_that_hangs(first: Door) -> None:
    a = contender(first, OURS)
    eventually(a.lease.held)
    first.hung.set()
    since = time.monotonic()
    a.end()
    assert time.monotonic() - since < 3
    assert not a.lease.held() and not a.losses


def test_a_process_that_was_stopped_for_long_holds_nothing_when_it_wakes(first: Door) -> None:
    now = [1000.0]
    lease = Lease(first.gateway(), "ns", "scaler", OURS, duration=15.0, clock=lambda: now[0])
    one = Contender(lease)
    eventually(lease.held)
    for asleep, margin, held in [(0, 14.9, True), (4, 10, True), (6, 10, False), (6, 5, True)]:
        now[0] = 1000.0 + asleep
        assert lease.held(margin) is held, (asleep, margin)
    now[0] = 1016.0
    assert not lease.held(), "said at once, before any thread has noticed"
    eventually(lambda: one.losses)
    one.end()
