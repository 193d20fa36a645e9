"""Who gets an event that nothing creates its pods again: the table of not_recreatable.py."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster.not_recreatable import found
from scaler.cluster.snapshot import NOTHING, Snapshot
from scaler.reporting.bystanders import AT_A_TIME
from scaler.reporting.reporter import Reporter
from tests.fakes import FakeGateway
from tests.unit.scaler.builders import NOW

AUTO, OFF = {"podtailor.io/mode": "auto"}, {"podtailor.io/mode": "off"}


def meta(annotations: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    name = more.pop("name", "x")
    made = {"name": name, "namespace": "shop", "uid": f"uid-{name}"}
    return {**made, "annotations": annotations or {}, **more}


def owned(kind: str, controller: bool | None = True) -> dict[str, Any]:
    one = {"kind": kind, "name": "o", "uid": "o", "controller": controller}
    return {"ownerReferences": [one]}


def job(own: Any, template: Any = None, conditions: Any = ()) -> Snapshot:
    spec = {"template": {"metadata": {"annotations": template}}}
    raw = {"metadata": own, "spec": spec, "status": {"conditions": list(conditions)}}
    return replace(NOTHING, jobs={("shop", "x"): msgspec.convert(raw, objects.Job)})


def cron_job(own: Any, of_jobs: Any = None, of_pods: Any = None) -> Snapshot:
    jobs = {
        "metadata": {"annotations": of_jobs},
        "spec": {"template": {"metadata": {"annotations": of_pods}}},
    }
    raw = {"metadata": own, "spec": {"jobTemplate": jobs}}
    return replace(NOTHING, cron_jobs={("shop", "x"): msgspec.convert(raw, objects.CronJob)})


def pods(*each: Any, phase: str = "Running") -> Snapshot:
    made = [msgspec.convert({"metadata": m, "status": {"phase": phase}}, objects.Pod) for m in each]
    return replace(NOTHING, pods={("shop", p.metadata.name): p for p in made})


def going(snapshot: Snapshot) -> Snapshot:
    raw = {"metadata": {"name": "shop", "deletionTimestamp": "2026-11-23T20:30:00Z"}}
    return replace(snapshot, namespaces={("", "shop"): msgspec.convert(raw, objects.Namespace)})


COMPLETE = [{"type": "Complete", "status": "True"}]
FALSE = [{"type": "Complete", "status": "False"}]
CASES: dict[str, tuple[Snapshot, str | None]] = {
    "a Job": (job(meta(AUTO)), "a Job runs"),
    "a Job's template": (job(meta(), AUTO), "a Job runs"),
    "a Job that is off": (job(meta(OFF), AUTO), None),
    "a Job without": (job(meta()), None),
    "a Job that is over": (job(meta(AUTO), conditions=COMPLETE), None),
    "a Job that is not": (
        job(meta(AUTO), conditions=[{"type": "Complete", "status": "False"}]),
        "a",
    ),
    "a Job of a CronJob": (job(meta(AUTO, **owned("CronJob"))), None),
    "a Job of others": (job(meta(AUTO, **owned("Workflow"))), "a Job runs"),
    "a CronJob": (cron_job(meta(AUTO)), "its Jobs run"),
    "a CronJob's Jobs": (cron_job(meta(), AUTO), "its Jobs run"),
    "a CronJob's pods": (cron_job(meta(), None, AUTO), "its Jobs run"),
    "a CronJob that goes": (cron_job(meta(AUTO, deletionTimestamp="2026-11-23T20:30:00Z")), None),
    "a bare pod": (pods(meta(AUTO)), "nothing creates this pod again"),
    "a pod that is off": (pods(meta(OFF)), None),
    "a static pod": (pods(meta(AUTO, **owned("Node"))), "a static pod"),
    "a pod of a controller": (pods(meta(AUTO, **owned("ReplicaSet"))), None),
    "a pod that is handed back": (pods(meta(AUTO, **owned("ReplicaSet", None))), None),
    "a pod that is over": (pods(meta(AUTO), phase="Succeeded"), None),
    "its namespace goes": (going(pods(meta(AUTO))), None),
}


@pytest.mark.parametrize("name", CASES)
def test_who_gets_an_event(name: str) -> None:
    snapshot, says = CASES[name]
    whys = [one.why for one in found(snapshot)]
    assert (whys == []) if says is None else (len(whys) == 1 and whys[0].startswith(says))


def test_each_gets_one_event_and_is_counted() -> None:
    api = FakeGateway()
    reporter = Reporter(api, "me")
    reports = reporter.bystanders
    many = pods(*(meta(AUTO, name=f"p{n}") for n in range(AT_A_TIME + 2)))
    for count in (AT_A_TIME, AT_A_TIME + 2, AT_A_TIME + 2):
        reports.report(many, NOW)
        assert len(api.objects) == api.calls == count
    labels = {"phase": "Blocked", "reason": "NotRecreatable"}
    size = reporter.metrics.registry.get_sample_value
    for seen in (many, many, NOTHING):
        reports.report(seen, NOW)
        reporter.summary([])
        assert size("podtailor_workloads", labels) == (len(many.pods) if seen is many else None)
    event = next(iter(api.objects.values()))
    assert (event["reason"], event["type"]) == ("NotRecreatable", "Warning")
    assert event["regarding"]["kind"] == "Pod"
