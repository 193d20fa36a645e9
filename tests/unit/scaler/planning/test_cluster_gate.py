"""The limits for all workloads in the loop: what is reported, and how often it is written."""

import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.annotations.options import ContainerPolicy, Mode, Settings, Strategy
from scaler.cluster.view import View
from scaler.disruption.cluster_limits import ClusterLimits
from scaler.model import HandBack, HandOver, Outcome, Plan, Resize, Standing, Wait
from scaler.planning.cluster_gate import Turns
from store.model import Phase, Status
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import NOW, ours, owner, pod, stored, view
from tests.unit.scaler.cycles import context, planned
from tests.unit.scaler.world import PODS, RC, World, controller


class Shop(World):
    """Several ReplicationControllers of two pods, all of them hot."""

    def __init__(self, names: str) -> None:
        super().__init__()
        for name in names:
            made = controller(ours({"mode": "auto"}), 2)
            made["metadata"] |= {"name": name, "uid": f"uid-{name}"}
            made["spec"]["template"]["metadata"] = {"labels": {"of": name}}
            self.api.set(RC.replace("/web", f"/{name}"), made)
        self.api.remove(RC)
        self.api.settle()
        for path in [p for p in self.api.objects if "/pods/web-" in p]:
            self.api.remove(path)
        self.cycle(2)
        self.load.used = 490.0

    def statuses(self) -> dict[str, Status]:
        for watch in self.observer.watches():
            watch.get(("", ""))
        return {p.workload.name: p.status for p in self.observer.store.all().values()}

    def reasons(self, reason: Reason) -> list[str]:
        return sorted(n for n, s in self.statuses().items() if s.reason is reason)


@pytest.fixture
def stuck() -> Iterator[Shop]:
    """Pods that go are not replaced any more."""
    shop = Shop("abcde")
    shop.api.settle = lambda ready=None: None  # type: ignore[method-assign]
    yield shop


def test_a_workload_that_waits_for_others_says_so_once(stuck: Shop) -> None:
    stuck.cycle(12)
    waiting = [
        n for n, s in stuck.statuses().items()
        if s.reason is Reason.PENDING_REPLACEMENT and s.phase is Phase.BLOCKED
    ]  # fmt: skip
    assert len(waiting) == 2
    assert "3 replacements are in progress" in stuck.statuses()[waiting[0]].message
    before = list(stuck.api.writes)
    stuck.cycle(10)
    assert stuck.api.writes == before
    assert len([e for e in stuck.events() if e[0] == "PendingReplacement"]) == 2


def test_a_workload_that_waited_for_the_cluster_is_served_in_the_end() -> None:
    shop = Shop("abcde")
    shop.cycle(40)
    assert shop.limits() == ["1"] * 10
    assert {s.phase for s in shop.statuses().values()} == {Phase.SETTLED}


def test_the_cluster_s_restarts_of_an_hour_are_counted_from_the_store() -> None:
    shop = Shop("abc")
    shop.start(cluster_per_hour=4)
    shop.load.used = 490.0
    shop.cycle(12)
    assert shop.limits().count("1") == 4
    assert shop.reasons(Reason.RESTART_BUDGET)
    assert "4 restarts in the cluster" in next(
        s.message for s in shop.statuses().values() if s.reason is Reason.RESTART_BUDGET
    )
    shop.start(cluster_per_hour=4)
    shop.cycle(5)
    assert shop.limits().count("1") == 4, "a new scaler has not forgotten"
    before = list(shop.api.writes)
    shop.cycle(10)
    assert shop.api.writes == before
    assert shop.events().count(("RestartBudget", "Warning")) == len(
        shop.reasons(Reason.RESTART_BUDGET)
    )
    shop.cycle(1, seconds=3600)
    shop.cycle(4)
    assert shop.limits() == ["1"] * 6


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The webhook answers probes, but is not asked for pods; one workload after the other fails."""
    shop = Shop("abcdef")
    usual = type(shop.api).settle

    def unsized(api: Any, ready: bool | None = None) -> None:
        api.asked = False
        usual(api, ready)
        api.asked = True

    monkeypatch.setattr(type(shop.api), "settle", unsized)
    yield shop
    monkeypatch.undo()


def taken(shop: Shop) -> int:
    return sum("/eviction" in w for w in shop.api.writes)


def test_three_workloads_that_fail_alike_stop_all_others_but_for_a_trial_a_minute(
    failing: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    failing.cycle(6, seconds=5)
    assert len(failing.reasons(Reason.BREAKER)) + len(failing.reasons(Reason.BACKING_OFF)) >= 5
    assert failing.loop.reporter.metrics.breaker._value.get() == 1
    errors = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert [r.getMessage() for r in errors] == ["breaker tripped: no pod is replaced"]
    at, before = failing.now, taken(failing)
    failing.cycle(36, seconds=5)
    trials = taken(failing) - before
    assert 1 <= trials <= (failing.now - at) / 60 + 1, "at most one a minute"
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR] == [
        "breaker tripped: no pod is replaced"
    ]


def test_a_trial_whose_pod_is_well_resets_the_breaker(
    failing: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    failing.cycle(6, seconds=5)
    assert failing.reasons(Reason.BREAKER)
    monkeypatch.undo()  # the webhook is asked again
    failing.cycle(30)
    assert failing.loop.reporter.metrics.breaker._value.get() == 0
    assert "breaker closed" in caplog.text
    failing.cycle(60)
    assert failing.limits() == ["1"] * 12


def held_by(*names: str, backoff: int = 0) -> View:
    """A workload with a due pod that can be handed over; `names`: of those that are held."""
    until = timestamps.text(NOW + 100.0) if backoff else None
    status = Status(size=stored(3), backoff=BackOff(backoff, until, "RolledBack"))
    seen = view(pod("web-1"), status=status, whose=owner(replicas=1))
    return replace(seen, held=tuple(pod(n, of="podsize") for n in names))


def over(seen: View) -> Plan:
    assert seen.podsize is not None
    status = seen.podsize.status
    action = HandOver(seen.workload, "web-1", "uid-web-1", "ps", stored(3), status, "7")
    summary = Standing(Phase.APPLYING, Reason.PENDING_REPLACEMENT, "replacing the next pod")
    return Plan(seen.workload, summary, action)


def named(name: str, seen: View) -> View:
    return replace(seen, workload=replace(seen.workload, name=name))


def test_a_held_pod_takes_a_place_and_a_hand_over_waits_for_one() -> None:
    turns, due = Turns(), named("due", held_by())
    holding = named("holding", held_by("web-0"))
    plan = planned(holding, context(no_surge=None))
    assert plan.in_flight
    turns.begin([(holding, plan), (due, over(due))], ClusterLimits(in_flight=1), NOW)
    turn = turns.admitted(due, over(due), NOW)
    assert turn is not None and turn.standing.phase is Phase.BLOCKED
    assert not isinstance(turn.action, HandOver)
    turns.begin([(due, over(due))], ClusterLimits(in_flight=1), NOW)
    assert turns.admitted(due, over(due), NOW) == over(due)
    turns.came_of(due, over(due).action, Outcome(done=True, version="8"), NOW)
    assert turns.traffic.in_flight == 1 and turns.traffic.restarts == 1


def test_the_breaker_s_trial_may_be_a_hand_over() -> None:
    turns, due = Turns(), named("due", held_by())
    failed = [named(n, held_by(backoff=1)) for n in "abc"]
    plans = [(f, Plan(f.workload, over(f).standing, Wait())) for f in failed]
    for pause, goes in ((0.0, True), (30.0, False), (61.0, True)):
        now = NOW + pause
        turns.begin([*plans, (due, over(due))], ClusterLimits(), now)
        assert turns.traffic.tripped
        turn = turns.admitted(due, over(due), now)
        assert turn is not None and isinstance(turn.action, HandOver) == goes
        if goes:
            outcome = Outcome(done=False, reason=Reason.WEBHOOK_UNVERIFIED, message="no")
            result = turns.came_of(due, over(due).action, outcome, now)
            assert result.reason is Reason.BREAKER


def test_a_failure_that_is_about_to_be_written_as_a_pod_is_handed_back_counts() -> None:
    turns, due = Turns(), named("due", held_by())
    failed = [named(n, held_by(backoff=1)) for n in "ab"]
    plans = [(f, Plan(f.workload, over(f).standing, Wait())) for f in failed]
    third, status = named("c", held_by("web-0")), failed[0].podsize
    assert status is not None
    back = HandBack(third.workload, "web-0", "uid-web-0", status.status, "7")
    plans.append((third, Plan(third.workload, over(third).standing, back)))
    turns.begin([*plans, (due, over(due))], ClusterLimits(), NOW)
    assert turns.traffic.tripped


def test_a_probe_that_fails_is_the_minute_s_trial_and_is_reported_as_the_breaker(
    failing: Shop,
) -> None:
    failing.cycle(6, seconds=5)
    failing.api.asked = False
    type(failing.api).settle(failing.api)  # sets it back: probes fail from here on
    failing.api.asked = False
    failing.cycle(14, seconds=5)
    before, calls = list(failing.api.writes), taken(failing)
    failing.cycle(24, seconds=5)
    assert taken(failing) == calls
    assert [w for w in failing.api.writes[len(before) :] if "podsizes" in w] == []
    assert len(failing.api.list(PODS)) == 12


def flying(name: str) -> tuple[View, Plan]:
    """A workload whose replacement is in flight."""
    seen = view(pod("a"), pod("b"))
    seen = replace(seen, workload=replace(seen.workload, name=name))
    standing = Standing(Phase.APPLYING, Reason.PENDING_REPLACEMENT, "not Ready: b")
    return seen, Plan(seen.workload, standing, Wait(), in_flight=True)


def test_a_replacement_that_takes_too_long_gives_its_place_to_the_next() -> None:
    gate, limits = Turns(), ClusterLimits(longest=600.0)
    three = [flying(n) for n in "abc"]
    for seconds, places in ((0, 3), (300, 3), (599, 3), (600, 0), (5000, 0)):
        gate.begin(three, limits, NOW + seconds)
        assert gate.traffic.in_flight == places, seconds
    gate.begin([(v, replace(p, in_flight=False)) for v, p in three], limits, NOW + 5001)
    gate.begin(three, limits, NOW + 5002)
    assert gate.traffic.in_flight == 3, "the next replacement has its own time"


def test_no_clock_that_steps_makes_a_replacement_look_old() -> None:
    """Found by simulation: a clock that was put right by an hour let a fourth pod be replaced."""
    gate, limits = Turns(), ClusterLimits(longest=600.0)
    three = [flying(n) for n in "abc"]
    for at in (NOW - 3600, NOW, NOW - 5000, NOW - 4990):
        gate.begin(three, limits, at)
        assert gate.traffic.in_flight == 3, at
    for seconds in (300, 600):
        gate.begin(three, limits, NOW - 4990 + seconds)
    assert gate.traffic.in_flight == 0


def test_pods_that_linger_take_no_place_though_their_workload_lacks_one() -> None:
    """A StatefulSet's, of which no other comes before it is gone."""
    end = timestamps.text(NOW - 61)
    ending = pod("b", going=True)
    ending = msgspec.structs.replace(
        ending, metadata=msgspec.structs.replace(ending.metadata, deletion_timestamp=end)
    )
    seen, plan = flying("a")
    gate = Turns()
    gate.begin([(replace(seen, pods=(pod("a"), ending)), plan)], ClusterLimits(), NOW)
    assert gate.traffic.in_flight == 0
    starting = pod("a", ready=False)
    gate.begin([(replace(seen, pods=(starting, ending)), plan)], ClusterLimits(), NOW)
    assert gate.traffic.in_flight == 1, "another pod of it is on its way"


RISEN = Change(timestamps.text(NOW - 5.0), 2, "nginx", "cpu", "500m", "1", Reason.DOUBLED)


def resized(name: str, *, burst: bool) -> tuple[View, Plan]:
    """A workload that was raised a moment ago, and whose pod is to have that in place."""
    policy = ContainerPolicy("double", burst=burst)
    asked = Settings(Mode.AUTO, policy, strategy=Strategy.RESIZE)
    seen = view(pod(name), settings=asked, status=Status(size=stored(2), changes=(RISEN,)))
    seen = replace(seen, workload=replace(seen.workload, name=name))
    action = Resize(seen.workload, name, f"uid-{name}", stored(2), {})
    return seen, Plan(
        seen.workload, Standing(Phase.APPLYING, Reason.DOUBLED, ""), action, in_flight=True
    )


@pytest.mark.parametrize(("burst", "at_once"), [(True, 5), (False, 3)])
def test_resizes_for_a_burst_neither_wait_for_a_place_nor_take_one(
    burst: bool, at_once: int
) -> None:
    gate, ceilings = Turns(), ClusterLimits()
    plans = [resized(name, burst=burst) for name in "abcde"]
    gate.begin([], ceilings, NOW)
    done = 0
    for seen, made in plans:
        admitted = gate.admitted(seen, made, NOW)
        if admitted and admitted.action == made.action:
            gate.came_of(seen, made.action, Outcome(done=True), NOW)
            done += 1
    assert done == at_once
    gate.begin(plans, ceilings, NOW + 1.0)
    assert gate.traffic.in_flight == (0 if burst else 5)
