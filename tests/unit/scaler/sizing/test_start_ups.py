"""Starts followed over cycles, and what decisions make of what was learnt: start_ups.py."""

import msgspec
from msgspec import structs
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.cluster.view import View
from scaler.policies.start_up import Learnt
from scaler.sizing import start_ups
from scaler.sizing.start_ups import Starts
from scaler.usage.window import Minute, NoMinute
from store.model import Status
from store.reasons import Reason
from store.records import StartUp
from tests.unit.scaler.builders import NOW, asked, pod, view
from tests.unit.scaler.sizing.deciding import decided

KNOWN = StartUp("nginx", 180, 500)


def started(name: str, at: float) -> objects.Pod:
    state = {"running": {"startedAt": timestamps.text(at)}}
    status = {"phase": "Running", "containerStatuses": [{"name": "nginx", "state": state}]}
    return structs.replace(pod(name), status=msgspec.convert(status, objects.PodStatus))


def cycles(before: Starts, *pods: objects.Pod, until: float, burns: float, used: float) -> Starts:
    """One each 15 s; every container uses that for `burns` seconds, then nearly nothing."""

    def of(now: float) -> View:
        return view(*pods, status=Status(start_ups=before.records))

    def minute_of(p: objects.Pod, name: str) -> Minute | NoMinute:
        begun = timestamps.seconds(p.status.container_statuses[0].state.running.started_at)  # type: ignore[index,union-attr]
        age = now - (begun or 0.0)
        if age < 120.0:
            return NoMinute(Reason.WARMING_UP, "")
        return Minute(used if age - 60.0 < burns else 1.0, 60.0, 0, now)

    now, known = NOW, before
    while now < NOW + until:
        now += 15.0
        known = start_ups.seen(known, of(now), minute_of)
    return known


def test_a_start_that_is_cut_short_and_one_that_settles_are_two() -> None:
    first = cycles(Starts(), started("web-1", NOW), until=150.0, burns=300.0, used=490.0)
    assert first.records == () and not first.settled
    second = cycles(first, started("web-2", NOW), until=600.0, burns=150.0, used=490.0)
    assert [r.name for r in second.records] == ["nginx"]
    assert second.records[0].seconds >= 150 and second.settled


def test_load_that_stays_is_no_start_up_however_often_pods_are_replaced() -> None:
    known = Starts()
    for number in range(3):
        made = started(f"web-{number}", NOW)
        known = cycles(known, made, until=150.0, burns=9999.0, used=490.0)
    assert known.records == ()


def test_it_is_forgotten_after_two_calm_starts() -> None:
    known = start_ups.begun(view(status=Status(start_ups=(KNOWN,))))
    assert known.records == (KNOWN,)
    for number in (1, 2):
        assert known.records == ((KNOWN,) if number == 1 else ())
        known = cycles(known, started(f"web-{number}", NOW), until=200.0, burns=0.0, used=1.0)
    assert known.learnt == {}


def test_a_container_that_is_started_again_begins_another_start() -> None:
    known = cycles(Starts(), started("web-1", NOW), until=150.0, burns=300.0, used=490.0)
    again = started("web-1", NOW + 150.0)
    known = cycles(known, again, until=150.0, burns=0.0, used=1.0)
    assert known.learnt == {"nginx": Learnt(1)}


def test_nothing_is_followed_where_no_policy_decides_on_the_cpu() -> None:
    for settings in (asked(resources="memory"), asked(mode="off"), asked(policy="none")):
        seen = replace(view(started("web-1", NOW)), settings=settings)
        made = start_ups.seen(Starts(), seen, lambda p, name: Minute(490.0, 60.0, 0, NOW))
        assert made.runs == {}


def test_settled_starts_of_an_unchanged_workload_are_not_looked_at_again() -> None:
    seen = view(started("web-1", NOW - 3600.0))
    known = start_ups.seen(Starts(), seen, lambda p, name: Minute(490.0, 60.0, 0, NOW))
    assert known.settled
    assert start_ups.seen(known, seen, lambda p, name: 1 / 0) is known  # type: ignore[arg-type,return-value]


def test_a_known_start_up_is_not_doubled_for_and_what_comes_after_it_is() -> None:
    def hot(p: objects.Pod, name: str) -> Minute:
        return Minute(490.0, 60.0, 0, NOW)

    early = view(started("web-1", NOW - 150.0), status=Status(start_ups=(KNOWN,)))
    got = decided(early, hot)
    assert (got.reason, got.size) == (Reason.WARMING_UP, None)
    assert got.message == (
        "nginx: the container runs for 150 s, and its last start-ups took 180 s: they are left out"
    )
    late = view(started("web-1", NOW - 240.0), status=Status(start_ups=(KNOWN,)))
    assert decided(late, hot).reason is Reason.DOUBLED
    unknown = view(started("web-1", NOW - 150.0))
    assert decided(unknown, hot).reason is Reason.DOUBLED


def test_memory_in_a_start_up_counts() -> None:
    def full(p: objects.Pod, name: str) -> Minute:
        return Minute(490.0, 60.0, 2**40, NOW, needed=2**40, needed_peak=2**40)

    settings = asked(resources="memory,cpu")
    seen = view(started("web-1", NOW - 150.0), status=Status(start_ups=(KNOWN,)))
    got = decided(replace(seen, settings=settings), full)
    assert got.reason is Reason.MEMORY_PRESSURE
