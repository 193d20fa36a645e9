"""Which events and metrics a cycle leaves behind, and that none is made twice."""

from typing import Any

import pytest

from kube.errors import Forbidden
from scaler.model import Evict, HandBack, Outcome, Plan, Standing, Wait, Write
from scaler.reporting.reporter import Reporter
from store.model import Phase, Status
from store.reasons import Reason
from tests.fakes import FakeGateway
from tests.unit.scaler.builders import NOW, stored, workload

DONE, FAILED = Outcome(done=True), Outcome(done=False)
EVICT = Evict(workload(), "web-1", "uid", stored(), Status(), "7")
WRITE = Write(workload(), Status(size=stored()), "7")
BUDGET = Outcome(done=False, reason=Reason.DISRUPTION_BUDGET, message="not now")


def planned(action: Any, phase: Phase = Phase.APPLYING, reason: Reason = Reason.DOUBLED) -> Plan:
    return Plan(workload(), Standing(phase, reason, "why"), action)


class TestReports:
    def events(self, *turns: tuple[Plan, Outcome]) -> list[tuple[str, str, str]]:
        api = FakeGateway()
        reporter = Reporter(api, "me")
        for said, outcome in turns:
            reporter.report(said, outcome, "uid-web", NOW)
        found = [o for p, o in api.objects.items() if "/events/" in p]
        return [(e["type"], e["reason"], e["note"]) for e in found]

    BLOCKED = planned(Wait(), Phase.BLOCKED, Reason.NOT_READY)
    TURN = planned(WRITE, Phase.BLOCKED, Reason.PENDING_REPLACEMENT)
    WAITS = ("Warning", "PendingReplacement", "why")
    REFUSED = Outcome(done=False, reason=Reason.REFUSED, message="house rules")
    HANDED_BACK = planned(
        HandBack(workload(), "web-1", "uid", None, "7"), reason=Reason.PENDING_REPLACEMENT
    )

    @pytest.mark.parametrize(
        ("turns", "events"),
        [
            ([(planned(WRITE), DONE)], [("Normal", "Doubled", "why")]),
            ([(planned(WRITE), DONE)] * 3, [("Normal", "Doubled", "why")]),
            ([(planned(WRITE), FAILED)], []),
            (
                [(planned(WRITE), FAILED), (planned(WRITE), DONE)],
                [("Normal", "Doubled", "why")],
            ),
            ([(planned(EVICT), DONE)], [("Normal", "Doubled", "web-1: why")]),
            ([(planned(WRITE), DONE), (planned(EVICT), DONE)], [("Normal", "Doubled", "why")]),
            ([(planned(EVICT), FAILED)], []),
            ([(planned(EVICT), BUDGET)] * 2, [("Warning", "DisruptionBudget", "web-1: not now")]),
            ([(BLOCKED, DONE)] * 2, [("Warning", "NotReady", "why")]),
            ([(planned(Wait(), Phase.SETTLED), DONE)], []),
            ([(planned(WRITE, reason=Reason.PENDING_REPLACEMENT), DONE)], []),
            (
                [(TURN, DONE), (BLOCKED, DONE), (TURN, DONE)],
                [WAITS, ("Warning", "NotReady", "why")],
            ),
            ([(planned(WRITE), REFUSED)] * 2, [("Warning", "Refused", "house rules")]),
            ([(HANDED_BACK, DONE)], [("Warning", "PendingReplacement", "web-1: why")]),
            (
                [(planned(WRITE, Phase.SETTLED, Reason.ROLLED_BACK), DONE)],
                [("Warning", "RolledBack", "why")],
            ),
        ],
        ids=[
            "a change",
            "said again",
            "not written",
            "written at the second try",
            "a pod was replaced",
            "a pod was replaced, and the change was said",
            "it was not",
            "a refusal, once",
            "a block, once",
            "all is well",
            "a replacement that comes",
            "others first, said once",
            "a status that may not be written",
            "a pod handed back",
            "a rollback",
        ],
    )
    def test_each_change_of_phase_or_reason_makes_one_event(
        self, turns: list[tuple[Plan, Outcome]], events: list[tuple[str, str, str]]
    ) -> None:
        assert self.events(*turns) == events

    def test_two_typos_make_two_events(self) -> None:
        typos = [
            Plan(workload(), Standing(Phase.BLOCKED, Reason.BAD_ANNOTATION, m), Wait())
            for m in ("one", "two")
        ]
        assert len(self.events(*((t, DONE) for t in typos))) == 2

    def test_an_event_that_cannot_be_made_stops_nothing(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Mute(FakeGateway):
            def post(self, path: str, body: object, **query: str) -> bytes:
                raise Forbidden(403, "Forbidden", "no events")

        reporter = Reporter(Mute(), "me")
        for phase in (Phase.APPLYING, Phase.SETTLED, Phase.APPLYING):
            reporter.report(planned(WRITE, phase), DONE, "uid", NOW)
        assert caplog.text.count("event not made") == 1
        lost = reporter.metrics.registry.get_sample_value("podtailor_events_lost_total")
        assert lost == 1

    def test_a_failure_is_logged_once_and_counted_each_time(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        reporter = Reporter(FakeGateway(), "me")
        for message in ("after 3 s", "after 9 s", "another"):
            reporter.report(planned(WRITE), Outcome(done=False, message=message), "uid", NOW)
        assert [r.__dict__["detail"] for r in caplog.records] == ["after 3 s", "another"]
        expected = {"action": "write", "reason": "Doubled", "done": "false"}
        value = reporter.metrics.registry.get_sample_value("podtailor_actions_total", expected)
        assert value == 3

    def test_the_gauge_counts_what_the_workloads_statuses_say(self) -> None:
        reporter = Reporter(FakeGateway(), "me")
        said = planned(EVICT)
        reporter.report(said, BUDGET, "uid", NOW)
        reporter.summary([said])
        labels = {"phase": "Blocked", "reason": "DisruptionBudget"}
        value = reporter.metrics.registry.get_sample_value
        assert value("podtailor_workloads", labels) == 1
        reporter.summary([])
        assert value("podtailor_workloads", labels) is None
        expected = {"action": "evict", "reason": "DisruptionBudget", "done": "false"}
        assert value("podtailor_actions_total", expected) == 1
