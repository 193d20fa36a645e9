"""The conditions of a PodSize: the table of conditions.py."""

from msgspec.structs import replace

from kube import timestamps
from scaler.model import Evict, Write
from store.model import Status
from tests.unit.scaler.builders import NOW, injected, pod, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.statuses import HOT, SETTLED, line, status_of


def of(status: Status) -> dict[str, tuple[str, str]]:
    return {c.type: (c.status, c.reason) for c in status.conditions}


def test_conditions_follow_a_change_from_end_to_end() -> None:
    seen = view()
    seen_conditions = []
    for _ in range(6):
        plan = planned(seen, HOT)
        if isinstance(plan.action, Write | Evict):
            seen_conditions.append(of(plan.action.status))
        seen = carried_out(seen, plan)
    unknown, answered = ("Unknown", "NotAsked"), ("True", "Answered")
    assert seen_conditions == [
        {"Applied": ("False", "Doubled"), "WebhookVerified": unknown},
        {"Applied": ("False", "PendingReplacement"), "WebhookVerified": answered},
        {"Applied": ("False", "PendingReplacement"), "WebhookVerified": answered},
        {"Applied": ("True", "EveryPod"), "WebhookVerified": answered},
    ]


def test_a_workload_without_a_size_has_no_conditions() -> None:
    assert status_of(view()).conditions == ()


def test_a_pod_that_the_webhook_missed_makes_it_unverified() -> None:
    late = pod("b", created=timestamps.text(NOW - 9))
    status = replace(SETTLED, changes=(line(1),), last_good=None)
    seen = view(injected("a", stored()), late, status=status)
    assert of(status_of(seen))["WebhookVerified"] == ("False", "WebhookUnverified")


def test_the_time_of_a_condition_is_when_its_status_last_turned() -> None:
    seen = view()
    first = planned(seen, HOT)
    seen = carried_out(seen, first)
    later = status_of(seen, context(using(nginx=480), now=NOW + 30))
    times = {c.type: c.last_transition_time for c in later.conditions}
    assert times == {
        "Applied": timestamps.text(NOW),
        "WebhookVerified": timestamps.text(NOW + 30),
    }
