"""Which replacements say why their pods are not resized in place."""

from msgspec.structs import replace

from scaler.model import Evict, HandOver, Outcome, Plan, Standing
from scaler.reporting.event_rule import EventRule, event_of
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import stored, workload

WHY = "no resize in place: app's cpu limit is removed"
DONE = Outcome(done=True)


def plan(revision: int = 1, why: str = WHY, *, evicted: bool = False) -> Plan:
    w, size = workload(), stored(revision)
    action = (
        Evict(w, "web-1", "u", size, Status(), "7", unresized=why)
        if evicted
        else HandOver(w, "web-1", "u", "p", size, Status(), "7", why)
    )
    return Plan(w, Standing(Phase.APPLYING, Reason.DOUBLED, "app: cpu 1 to 2"), action)


def test_why_a_pod_is_not_resized_is_said_once_for_each_size() -> None:
    rule = EventRule()
    said = [rule.unresized(plan(n, evicted=bool(n % 2)), DONE) for n in (1, 1, 2)]
    expected = Standing(Phase.APPLYING, Reason.PENDING_REPLACEMENT, f"replaced: {WHY}")
    assert said == [expected, None, expected]
    note = event_of(plan(), expected, "uid").note
    assert note == f"web-1: replaced: {WHY}"


def test_nothing_is_said_where_nobody_asked_for_it_or_nothing_was_done() -> None:
    rule = EventRule()
    assert rule.unresized(plan(why=""), DONE) is None
    assert rule.unresized(plan(), replace(DONE, done=False)) is None
    assert rule.unresized(plan(), DONE) is not None, "once it is done it is said"


def test_a_workload_that_comes_again_says_it_again() -> None:
    rule = EventRule()
    assert rule.unresized(plan(), DONE)
    rule.keep([])
    assert rule.unresized(plan(), DONE)
