"""The overview: which workloads have a row, and what stands in it."""

import msgspec
from msgspec.structs import replace

from kube import objects
from scaler.cluster.snapshot import NOTHING
from scaler.model import Plan, Standing, Wait
from scaler.page.rows import COLUMNS, bystanders, gone, overview, restarts
from scaler.page.seen import Known, Noted, Seen
from scaler.usage.window import Minute
from store.model import Phase, Status, Workload
from store.reasons import Reason
from store.records import PodCount, Restarts
from tests.unit.scaler.builders import MI, NOW, ours, view, workload

SAYS = Standing(Phase.BLOCKED, Reason.QUOTA, "no room")
STATUS = Status(phase=Phase.SETTLED, reason=Reason.IN_BOUNDS, message="calm", pods=PodCount(3, 2))


def minute_of(pod: objects.Pod, container: str) -> Minute:
    return Minute(100.4, 60.0, 32 * MI, NOW)


def shown(seen: Seen, noted: Noted | None = None) -> list[dict[str, object]]:
    known = Known(seen, NOW, minute_of, lambda w: noted or Noted())
    found = overview(known)
    assert found.at == "2026-11-23T20:30:00Z"
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_a_row_has_state_pods_use_waste_and_restarts() -> None:
    (row,) = shown(Seen((view(status=STATUS),), (), NOW))
    assert row == {
        "namespace": "shop",
        "kind": "ReplicationController",
        "name": "web",
        "phase": "Settled",
        "reason": "InBounds",
        "message": "calm",
        "pods": 3,
        "current": 2,
        "cpu": [100, 250, 500],
        "memory": [32 * MI, 64 * MI, 128 * MI],
        "wasteCpu": 300,
        "wasteMemory": 64 * MI,
        "restarts": 0,
        "changed": "",
    }
    assert tuple(row) == COLUMNS


def test_what_came_of_the_last_cycle_counts_more_than_status_and_plan() -> None:
    plan = Plan(workload(), SAYS, Wait())
    seen = Seen((view(status=STATUS),), (plan,), NOW)
    assert shown(seen)[0]["reason"] == "InBounds"
    noted = Noted(Standing(Phase.BLOCKED, Reason.REFUSED, "house rules"))
    assert shown(seen, noted)[0]["reason"] == "Refused"


def test_without_a_status_the_plan_speaks_and_without_both_the_cells_are_empty() -> None:
    bare = view(kept=None)
    assert shown(Seen((bare,), (Plan(workload(), SAYS, Wait()),), NOW))[0]["message"] == "no room"
    assert shown(Seen((view(),), (), NOW))[0]["phase"] == ""
    assert shown(Seen((bare,), (), NOW)) == [], "nothing to report, and no PodSize"


def test_rows_are_in_order_of_namespace_and_name() -> None:
    names = [("b", "a"), ("a", "z"), ("a", "b")]
    views = [replace(view(), workload=Workload("apps/v1", "Deployment", *n)) for n in names]
    rows = shown(Seen(tuple(views), (), NOW))
    assert [(r["namespace"], r["name"]) for r in rows] == [("a", "b"), ("a", "z"), ("b", "a")]


def test_restarts_today_are_those_that_were_seen_or_that_this_hour_has_if_it_is_today() -> None:
    assert restarts(Noted(restarts=4), Restarts("2026-11-23T20:00:00Z", 2), NOW) == 4
    assert restarts(Noted(), Restarts("2026-11-23T20:00:00Z", 2), NOW) == 2
    assert restarts(Noted(), Restarts("2026-11-22T20:00:00Z", 2), NOW) == 0


def test_one_that_is_gone_has_a_row_of_the_same_columns() -> None:
    row = dict(zip(COLUMNS, gone(workload(), None).row, strict=True))
    assert (row["name"], row["phase"], row["cpu"]) == ("web", "Gone", None)


def test_a_job_that_asks_for_sizes_is_shown_with_the_reason_why_it_gets_none() -> None:
    made = {
        "metadata": {"name": "night", "namespace": "shop", "annotations": ours({"mode": "auto"})}
    }
    job = msgspec.convert({**made, "spec": {"template": {}}}, objects.Job)
    seen = Seen(snapshot=replace(NOTHING, jobs={("shop", "night"): job}))
    (one,) = bystanders(seen)
    assert (one.workload.kind, one.workload.name) == ("Job", "night")
    assert (one.phase, one.reason) == (
        "Blocked",
        "NotRecreatable",
    ) and "runs to its end" in one.message
