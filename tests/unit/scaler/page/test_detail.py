"""One workload: what is in the way and since when, what was decided, its changes each once."""

from typing import Any

from kube import objects, timestamps
from scaler.annotations.options import BadAnnotation
from scaler.model import Decision, Plan, Standing, Wait
from scaler.page.detail import Detail, bare, containers, detail, merged
from scaler.page.rows import Bare, gone
from scaler.page.seen import Known, Noted, Seen
from scaler.usage.window import Minute
from store.history import change_to_json
from store.model import Phase, Status
from store.reasons import Reason
from store.records import Change, Condition
from tests.unit.scaler.builders import MI, NOW, hand, pod, view, workload

AT = "2026-11-23T19:00:00Z"
BUDGET = Standing(Phase.BLOCKED, Reason.DISRUPTION_BUDGET, "web-1: not now")


def shown(noted: Noted | None = None, plans: tuple[Plan, ...] = (), **more: Any) -> Detail:
    def minute_of(pod: objects.Pod, container: str) -> Minute:
        return Minute(100.0, 60.0, 32 * MI, NOW)

    one = view(**more)
    return detail(one, Known(Seen((one,), plans, NOW), NOW, minute_of, lambda w: noted or Noted()))


def test_what_is_in_the_way_is_told_with_its_reason() -> None:
    found = shown(Noted(BUDGET, NOW - 60))
    assert found.blocked and found.blocked.reason == "DisruptionBudget"
    assert found.blocked.message == "web-1: not now"
    assert found.blocked.since == timestamps.text(NOW - 60)
    calm = Standing(Phase.SETTLED, Reason.IN_BOUNDS, "")
    assert shown(Noted(calm, NOW)).blocked is None
    assert shown().blocked is None


def test_since_is_the_conditions_time_where_pods_lack_the_size_for_longer() -> None:
    waits = Status(conditions=(Condition("Applied", "False", "DisruptionBudget", "", AT),))
    assert shown(Noted(BUDGET, NOW), status=waits).since == AT
    done = Status(conditions=(Condition("Applied", "True", "EveryPod", "", AT),))
    assert shown(Noted(BUDGET, NOW), status=done).since == timestamps.text(NOW)
    assert shown(status=done).since is None


def test_a_container_has_its_use_its_decisions_and_its_wish() -> None:
    decided = (
        Decision("nginx", "cpu", None, Reason.AT_MAXIMUM, "cpu-max"),
        Decision("other", "cpu", None, Reason.IN_BOUNDS, ""),
    )
    plan = Plan(workload(), BUDGET, Wait(), decided)
    (found,) = shown(plans=(plan,), status=Status(wish=(hand(cpu=(500, 1000)),))).containers
    assert found.cpu == [100, 250, 500] and found.memory == [32 * MI, 64 * MI, 128 * MI]
    assert found.checks == [{"resource": "cpu", "reason": "AtMaximum", "message": "cpu-max"}]
    assert found.wish == {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}}


def test_settings_are_what_annotations_ask_for_or_the_mistake_in_them() -> None:
    assert shown().settings["mode"] == "auto"
    assert shown(settings=None).settings == {"mode": "off"}
    assert shown(settings=BadAnnotation("mode: aut")).settings == {"mistake": "mode: aut"}


def test_containers_are_those_of_the_template_and_those_that_only_pods_have() -> None:
    both = pod("web-1", {"nginx": hand().size, "injected": hand().size})
    assert containers(view(both)) == ["nginx", "injected"]


def test_changes_of_history_and_status_are_shown_once_newest_first() -> None:
    def change(at: str, to: str = "1") -> Change:
        return Change(at, 1, "nginx", "cpu", "500m", to, Reason.DOUBLED)

    older, newer = change("2026-11-23T18:00:00Z"), change(AT, "2")
    found = merged([older, newer], [change_to_json(newer)])
    assert [c["at"] for c in found] == [AT, "2026-11-23T18:00:00Z"]
    assert found[0] == {
        "at": AT,
        "revision": 1,
        "container": "nginx",
        "resource": "cpu",
        "from": "500m",
        "to": "2",
        "reason": Reason.DOUBLED,
    }


def test_one_that_is_gone_says_so_and_a_job_says_what_is_in_the_way() -> None:
    found = bare(gone(workload(), None), NOW)
    assert (found.phase, found.name, found.containers, found.blocked) == ("Gone", "web", [], None)
    job = bare(Bare(workload(), "Blocked", "NotRecreatable", "it runs once"), NOW)
    assert job.blocked and job.blocked.message == "it runs once"
