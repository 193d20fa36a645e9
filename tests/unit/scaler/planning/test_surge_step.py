"""The step for a held pod becomes one action of the cycle: surge_step.py."""

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.cluster.autoscalers import Others
from scaler.model import Delete, Drain, Evict, HandBack, Wait, Write
from scaler.replacement.prospects import RestartLimits
from store.model import Apply, Phase
from store.reasons import Reason
from store.records import BackOff
from tests.unit.scaler.builders import NOW, asked, injected
from tests.unit.scaler.cycles import context, planned
from tests.unit.scaler.replacement.test_held_pod import CASES, SIZE, STATUS, seen
from tests.unit.scaler.troubled import pending, placed

GONE = {"reason": "CreateContainerConfigError", "message": "configmap not found"}
ROWS: dict[str, tuple[str, dict[str, str], type]] = {
    "drain": ("the replacement is Ready", {}, Drain),
    "delete": ("drained", {}, Delete),
    "asked to delete": ("starting", {"disruption": "delete"}, Delete),
    "paused": ("starting", {"paused": "true"}, HandBack),
    "off": ("starting", {"mode": "off"}, HandBack),
    "only observed": ("starting", {"mode": "observe"}, HandBack),
    "a malformed annotation": ("starting", {"cpu_max": "much"}, HandBack),
    "off, but it is Ready": ("the replacement is Ready", {"mode": "off"}, Drain),
    "refused": ("refused", {}, HandBack),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_way_becomes_one_action_of_the_plan(row: str) -> None:
    name, annotations, action = ROWS[row]
    case = next(c for c in CASES if c.name == name)
    plan = planned(seen(case, settings=asked(**annotations)), context(no_surge=None))
    assert isinstance(plan.action, action)
    assert plan.in_flight


def test_a_workload_that_opted_out_altogether_gets_its_pod_back() -> None:
    case = next(c for c in CASES if c.name == "starting")
    assert isinstance(planned(seen(case, settings=None)).action, HandBack)


def test_a_workload_that_another_autoscaler_updates_gets_its_pod_back() -> None:
    case = next(c for c in CASES if c.name == "starting")
    others = Others(vertical="web")
    plan = planned(replace(seen(case), others=others), context(no_surge=None))
    assert isinstance(plan.action, HandBack)
    assert "VerticalPodAutoscaler web" in plan.standing.message


@pytest.mark.parametrize(
    ("replacement", "reason", "words"),
    [
        (placed(injected("web-2", SIZE), since=70, waiting=GONE), Reason.BACKING_OFF,
         "nginx: CreateContainerConfigError: configmap not found; web-1 stays"),
        (pending(injected("web-2", SIZE), "0/1 nodes: port in use"), Reason.NO_NODE_FITS,
         "web-2 is Pending: 0/1 nodes: port in use; web-1 stays"),
    ],
    ids=["a ConfigMap is gone", "the scheduler wants something else"],
)  # fmt: skip
def test_a_size_is_not_blamed_for_what_no_size_changes(
    replacement: objects.Pod, reason: Reason, words: str
) -> None:
    case = replace(next(c for c in CASES if c.name == "starting"), pods=(replacement,))
    plan = planned(seen(case), context(no_surge=None))
    assert isinstance(plan.action, HandBack) and plan.action.status is not None
    assert (plan.standing.phase, plan.standing.reason) == (Phase.BLOCKED, reason)
    assert words in plan.standing.message
    assert plan.action.status.backoff.reason == reason
    assert plan.action.status.size == STATUS.size


def test_a_failure_goes_on_record_with_the_hand_back_and_only_once() -> None:
    case = next(c for c in CASES if c.name == "refused")
    action = planned(seen(case)).action
    assert isinstance(action, HandBack)
    assert action.status is not None
    assert action.status.backoff.failures == 1
    assert (action.status.phase, action.status.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
    again = seen(case)
    podsize = replace(
        again.podsize, status=replace(STATUS, backoff=BackOff(1, timestamps.text(NOW + 100)))
    )
    action = planned(replace(again, podsize=podsize)).action
    assert isinstance(action, HandBack)
    assert action.status is None


@pytest.mark.parametrize(
    ("name", "action"),
    [("the replacement fails after the drain", Evict), ("crash-loops", HandBack)],
)
def test_an_unhealthy_pod_is_replaced_where_the_held_one_cannot_be_handed_back(
    name: str, action: type
) -> None:
    """Found by simulation: it crash-looped permanently, and the drained one waited for it."""
    made = seen(next(c for c in CASES if c.name == name))
    back = replace(SIZE, revision=4, apply=Apply.NEW, containers=())
    made = replace(made, podsize=replace(made.podsize, status=replace(STATUS, size=back)))
    assert isinstance(planned(made).action, action)


def test_waiting_for_a_replacement_costs_one_write() -> None:
    case = next(c for c in CASES if c.name == "starting")
    first = planned(seen(case)).action
    assert isinstance(first, Write | Wait)
    if isinstance(first, Write):
        again = seen(case)
        podsize = replace(again.podsize, status=first.status)
        assert isinstance(planned(replace(again, podsize=podsize)).action, Wait)


def test_a_dry_run_touches_no_held_pod() -> None:
    case = next(c for c in CASES if c.name == "refused")
    cycle = context(limits=RestartLimits(paused="scaler.dryRun is set", dry_run=True))
    assert isinstance(planned(seen(case), cycle).action, Wait)
