"""The small parts around the loop: clock, pace, windows, probe, reports, health, settings."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from kube import objects, timestamps
from kube.environment import SettingsError
from kube.errors import Forbidden
from scaler.__main__ import main
from scaler.disruption.attempts import AGAIN, Pace
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe, manifest
from scaler.loop import Loop
from scaler.model import Evict, Outcome, Standing, Verdict, Wait, Write
from scaler.reporting.health_server import alive, ready, serve
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings, from_env
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, NoMinute, Reading
from scaler.watches import Observer
from store.model import Phase, Status, Workload
from store.reasons import Reason
from tests.fakes import FakeGateway
from tests.unit.scaler.builders import NOW, pod, stored, workload


class TestClock:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("1970-01-01T00:01:00Z", 60),
            ("1970-01-01T01:01:00+01:00", 60),
            ("1970-01-01T00:01:00.5Z", 60.5),
            ("1970-01-01T00:01:00", None),
            ("yesterday", None),
            ("", None),
            (None, None),
        ],
    )
    def test_only_whole_times_are_read(self, text: str | None, seconds: float | None) -> None:
        assert timestamps.seconds(text) == seconds

    def test_it_is_written_as_kubernetes_does(self) -> None:
        assert timestamps.text(NOW + 0.9) == "2026-11-23T20:30:00Z"
        assert timestamps.hour(NOW) == "2026-11-23T20:00:00Z"
        assert timestamps.seconds(timestamps.text(NOW)) == NOW


class TestPace:
    A = Evict(workload(), "a", "uid-a", stored(1), Status(), "7")

    @pytest.mark.parametrize(
        ("action", "age", "early"),
        [
            (A, 0, True),
            (A, AGAIN - 0.1, True),
            (A, AGAIN, False),
            (A, -60, False),
            (replace(A, uid="uid-b"), 0, False),
            (replace(A, size=stored(2)), 0, False),
            (replace(A, workload=workload("Deployment")), 0, False),
        ],
        ids=[
            "at once",
            "nearly",
            "waited",
            "the clock stepped",
            "another pod",
            "another size",
            "another workload",
        ],
    )
    def test_the_same_is_not_asked_for_too_soon(
        self, action: Evict, age: float, early: bool
    ) -> None:
        pace = Pace()
        pace.refused(self.A, NOW)
        assert pace.early(action, NOW + age) is early

    def test_what_was_granted_is_forgotten(self) -> None:
        pace = Pace()
        pace.refused(self.A, NOW)
        pace.granted(self.A)
        assert not pace.early(self.A, NOW)


class TestWindows:
    @staticmethod
    def made(started: float | None) -> objects.Pod:
        running = {} if started is None else {"running": {"startedAt": timestamps.text(started)}}
        found = [{"name": "nginx", "state": running}]
        status = msgspec.convert(found, list[objects.ContainerStatus])
        made = pod()
        return msgspec.structs.replace(
            made, status=msgspec.structs.replace(made.status, container_statuses=status)
        )

    @staticmethod
    def sample(at: float, started: float, cpu: float = 0.0) -> Sample:
        return Sample("shop", "web-1", "nginx", Reading(at, at, cpu, 5, started))

    def reason(self, windows: Windows, started: float | None, now: float = NOW) -> Reason:
        got = windows.minute(self.made(started), "nginx", now)
        assert isinstance(got, NoMinute), got
        return got.reason

    def test_nothing_read_yet_is_our_own_warming_up(self) -> None:
        assert self.reason(Windows(), NOW - 9999) is Reason.WARMING_UP

    def test_nothing_of_this_container_after_a_minute_is_no_usage(self) -> None:
        windows = Windows()
        windows.take_in([], NOW - 61)
        assert self.reason(windows, NOW - 9999) is Reason.NO_USAGE
        assert self.reason(windows, None) is Reason.NO_USAGE

    def test_nothing_of_a_young_container_is_its_warming_up(self) -> None:
        windows = Windows()
        windows.take_in([], NOW - 999)
        assert self.reason(windows, NOW - 60) is Reason.WARMING_UP

    def test_readings_of_an_earlier_container_do_not_count(self) -> None:
        windows = Windows()
        for at in (NOW - 70, NOW - 5):
            windows.take_in([self.sample(at, NOW - 9999)], at)
        assert self.reason(windows, NOW - 30) is Reason.WARMING_UP
        assert isinstance(windows.minute(self.made(NOW - 9999), "nginx", NOW), Minute)

    def test_readings_of_an_earlier_pod_do_not_count_before_the_container_starts(self) -> None:
        """Found by simulation: a StatefulSet's new pod was taken to be as hot as the old one."""
        windows = Windows()
        for at in (NOW - 70, NOW - 5):
            windows.take_in([self.sample(at, NOW - 9999)], at)
        made = self.made(None)
        young = msgspec.structs.replace(made.metadata, creation_timestamp=timestamps.text(NOW - 20))
        got = windows.minute(msgspec.structs.replace(made, metadata=young), "nginx", NOW)
        assert isinstance(got, NoMinute) and got.reason is Reason.WARMING_UP

    def test_a_minute_is_known_from_its_readings(self) -> None:
        windows = Windows()
        for at, cpu in ((NOW - 65, 10.0), (NOW - 5, 40.0)):
            windows.take_in([self.sample(at, NOW - 9999, cpu)], at)
        got = windows.minute(self.made(None), "nginx", NOW)
        assert isinstance(got, Minute) and got.mean == pytest.approx(500)

    def test_containers_that_fell_silent_are_forgotten(self) -> None:
        windows = Windows()
        windows.take_in([self.sample(NOW - 400, NOW - 9999)], NOW - 400)
        assert self.reason(windows, NOW - 9999, NOW - 300) is Reason.STALE_USAGE
        windows.take_in([], NOW)
        assert self.reason(windows, NOW - 9999) is Reason.NO_USAGE


class Answering(FakeGateway):
    """Answers probes with these revisions, one after the other; None: not stamped."""

    def __init__(self, *revisions: int | None) -> None:
        super().__init__()
        self.revisions = list(revisions)
        self.bodies: list[Any] = []

    def post(self, path: str, body: object, **query: str) -> bytes:
        assert path == "/api/v1/namespaces/release/pods" and query == {"dryRun": "All"}
        self.bodies.append(body)
        told = self.revisions.pop(0) if len(self.revisions) > 1 else self.revisions[0]
        stamps = {} if told is None else {"podtailor.io/size-revision": str(told)}
        return json.dumps({"metadata": {"annotations": stamps}}).encode()


class TestProbe:
    @pytest.mark.parametrize(
        ("answers", "told"),
        [
            ((3,), None),
            ((2, 2, 3), None),
            ((2,), "the webhook still answers with revision 2 instead of 3"),
            ((4,), "the webhook still answers with revision 4 instead of 3"),
            ((0,), "the webhook still answers with revision 0 instead of 3"),
            ((None,), "pods are created without the webhook"),
        ],
        ids=["this one", "after a moment", "an old one", "another", "none", "not asked"],
    )
    def test_the_stored_revision_must_come_back(
        self, answers: tuple[int | None, ...], told: str | None
    ) -> None:
        waited: list[float] = []
        probe = Probe(Answering(*answers), "release", wait=waited.append)
        got = probe.shortcoming(workload(), 3)
        assert (got is None) if told is None else (got is not None and got.startswith(told))
        assert sum(waited) <= 1.01

    def test_a_refusal_is_told(self) -> None:
        class Refusing(FakeGateway):
            def post(self, path: str, body: object, **query: str) -> bytes:
                raise Forbidden(403, "Forbidden", "no right to create pods")

        told = Probe(Refusing(), "release").shortcoming(workload(), 3)
        assert told == "the probe was refused: no right to create pods"

    def test_it_names_the_podsize_and_meets_the_restricted_standard(self) -> None:
        made: Any = manifest(Workload("apps/v1", "Deployment", "shop", "web"), "release")
        assert made["metadata"]["annotations"] == {"podtailor.io/probe-for": "shop/deployment-web"}
        assert made["metadata"]["labels"] == {"podtailor.io/probe": "true"}
        assert made["spec"]["securityContext"]["runAsNonRoot"] is True
        context = made["spec"]["containers"][0]["securityContext"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["allowPrivilegeEscalation"] is False


DONE, FAILED = Outcome(done=True), Outcome(done=False)
EVICT = Evict(workload(), "web-1", "uid", stored(), Status(), "7")
WRITE = Write(workload(), Status(size=stored()), "7")
BUDGET = Outcome(done=False, reason=Reason.DISRUPTION_BUDGET, message="not now")


def verdict(action: Any, phase: Phase = Phase.APPLYING, reason: Reason = Reason.DOUBLED) -> Verdict:
    return Verdict(workload(), Standing(phase, reason, "why"), action)


class TestReports:
    def told(self, *turns: tuple[Verdict, Outcome]) -> list[tuple[str, str, str]]:
        api = FakeGateway()
        reporter = Reporter(api, "me")
        for said, outcome in turns:
            reporter.verdict(said, outcome, "uid-web", NOW)
        found = [o for p, o in api.objects.items() if "/events/" in p]
        return [(e["type"], e["reason"], e["note"]) for e in found]

    BLOCKED = verdict(Wait(), Phase.BLOCKED, Reason.NOT_READY)

    @pytest.mark.parametrize(
        ("turns", "told"),
        [
            ([(verdict(WRITE), DONE)], [("Normal", "Doubled", "why")]),
            ([(verdict(WRITE), DONE)] * 3, [("Normal", "Doubled", "why")]),
            ([(verdict(WRITE), FAILED)], []),
            (
                [(verdict(WRITE), FAILED), (verdict(WRITE), DONE)],
                [("Normal", "Doubled", "why")],
            ),
            ([(verdict(EVICT), DONE)], [("Normal", "Doubled", "web-1: why")]),
            ([(verdict(EVICT), FAILED)], []),
            ([(verdict(EVICT), BUDGET)] * 2, [("Warning", "DisruptionBudget", "web-1: not now")]),
            ([(BLOCKED, DONE)] * 2, [("Warning", "NotReady", "why")]),
            ([(verdict(Wait(), Phase.SETTLED), DONE)], []),
            ([(verdict(WRITE, reason=Reason.PENDING_REPLACEMENT), DONE)], []),
            (
                [(verdict(WRITE, Phase.SETTLED, Reason.ROLLED_BACK), DONE)],
                [("Warning", "RolledBack", "why")],
            ),
        ],
        ids=[
            "a change",
            "said again",
            "not written",
            "written at the second try",
            "a pod was taken",
            "it was not",
            "a refusal, once",
            "a block, once",
            "all is well",
            "a replacement that comes",
            "a retreat",
        ],
    )
    def test_an_event_for_each_turn_of_the_story(
        self, turns: list[tuple[Verdict, Outcome]], told: list[tuple[str, str, str]]
    ) -> None:
        assert self.told(*turns) == told

    def test_two_typos_are_two_turns(self) -> None:
        typos = [
            Verdict(workload(), Standing(Phase.BLOCKED, Reason.BAD_ANNOTATION, m), Wait())
            for m in ("one", "two")
        ]
        assert len(self.told(*((t, DONE) for t in typos))) == 2

    def test_failing_to_tell_stops_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        class Mute(FakeGateway):
            def post(self, path: str, body: object, **query: str) -> bytes:
                raise Forbidden(403, "Forbidden", "no events")

        Reporter(Mute(), "me").verdict(verdict(WRITE), DONE, "uid", NOW)
        assert "event not made" in caplog.text

    def test_the_gauge_counts_what_the_workloads_statuses_say(self) -> None:
        reporter = Reporter(FakeGateway(), "me")
        said = verdict(EVICT)
        reporter.verdict(said, BUDGET, "uid", NOW)
        reporter.summary([said])
        labels = {"phase": "Blocked", "reason": "DisruptionBudget"}
        value = reporter.metrics.registry.get_sample_value
        assert value("podtailor_workloads", labels) == 1
        reporter.summary([])
        assert value("podtailor_workloads", labels) is None
        told = {"action": "evict", "reason": "DisruptionBudget", "done": "false"}
        assert value("podtailor_actions_total", told) == 1


def test_a_size_is_blamed_only_in_the_light_of_a_fresh_list() -> None:
    api = FakeGateway()
    actuator = Actuator(api, Observer(api, lambda key: None).store, Probe(api, "release"))
    asked: list[int] = []

    def otherwise(pods: list[objects.Pod]) -> bool:
        asked.append(len(pods))
        return False

    assert not actuator.carry_out(replace(WRITE, blames=True), otherwise).done
    assert len(asked) == 1
    actuator.carry_out(WRITE, otherwise)
    assert len(asked) == 1, "other writes need no list"


@pytest.fixture
def loop() -> Loop:
    api = FakeGateway()
    observer = Observer(api, lambda key: None)
    actuator = Actuator(api, observer.store, Probe(api, "release"))
    return Loop(
        Settings(port=0),
        observer,
        Windows(),
        actuator,
        Reporter(api, "me"),
        threading.Event(),
    )


@pytest.fixture
def port(loop: Loop) -> Iterator[int]:
    checks = {
        "/livez": lambda: alive(loop.started, 5, time.monotonic()),
        "/readyz": lambda: ready(loop.observer.missing(), loop.observer.oldest()),
    }
    server = serve(loop.reporter.metrics.registry, checks, "127.0.0.1", 0)
    yield server.server_port
    server.shutdown()
    server.server_close()


def fetched(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read().decode()


class TestHealth:
    @pytest.mark.parametrize(
        ("began", "interval", "told"),
        [
            (-float("inf"), 5, None),
            (NOW, 5, None),
            (NOW - 61, 5, "no cycle for 61 s"),
            (NOW - 61, 30, None),
            (NOW - 91, 30, "no cycle for 91 s"),
        ],
    )
    def test_alive_until_no_cycle_has_begun_for_long(
        self, began: float, interval: float, told: str | None
    ) -> None:
        assert alive(began, interval, NOW) == told

    def test_not_ready_before_everything_was_read_and_when_a_watch_is_silent(self) -> None:
        assert ready(["/api/v1/pods"], 0.0) == "not read yet: /api/v1/pods"
        assert ready([], 121.0) == "a watch is silent for 121 s"
        assert ready([], 1.0) is None

    def test_served_over_http(self, loop: Loop, port: int) -> None:
        assert fetched(port, "/livez") == (200, "ok\n")
        assert fetched(port, "/readyz")[0] == 503
        assert fetched(port, "/nowhere") == (404, "not found\n")
        status, text = fetched(port, "/metrics")
        assert status == 200 and "podtailor_cycle_seconds" in text

    def test_a_cycle_before_the_first_lists_does_nothing(self, loop: Loop) -> None:
        assert loop.cycle(NOW) == []

    def test_the_loop_ends_when_it_is_told(self, loop: Loop) -> None:
        stop = threading.Event()
        thread = threading.Thread(target=loop.run, args=(stop,))
        thread.start()
        stop.set()
        loop.wake.set()
        thread.join(5)
        assert not thread.is_alive()


class TestSettings:
    def test_names_are_the_charts_paths(self) -> None:
        got = from_env({"PODTAILOR_SCALER_INTERVAL": "9", "PODTAILOR_POLICY_CPUMAX": "1500m"})
        assert (got.interval, got.cpu_max, got.dry_run) == (9, 1500, False)

    def test_what_is_little_usage_is_far_from_a_doubling(self) -> None:
        given = {"PODTAILOR_POLICY_HALVE_QUIET": "600", "PODTAILOR_POLICY_HALVE_BELOW": "44"}
        got = from_env(given)
        assert (got.halve_quiet, got.halve_below) == (600, 44)
        with pytest.raises(SettingsError, match="from 1 to 44"):
            from_env({**given, "PODTAILOR_POLICY_HALVE_BELOW": "45"})

    def test_the_program_tells_every_error_and_ends_with_2(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        given = {"PODTAILOR_SCALER_INTERVAL": "0", "PODTAILOR_SCALER_DRYRUN": "yes"}
        assert main([], given) == 2
        told = capsys.readouterr().err
        assert "SCALER_INTERVAL" in told and "SCALER_DRYRUN" in told

    @pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("-h", 0), ("explode", 2)])
    def test_help(self, argument: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([argument], {}) == status
        assert "PODTAILOR_SCALER_INTERVAL" in capsys.readouterr().out
