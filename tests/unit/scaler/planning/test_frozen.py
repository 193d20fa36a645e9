"""Why nothing changes about a workload: the checks of frozen.py, and `stopped`."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.annotations.options import BadAnnotation
from scaler.cluster.autoscalers import Others
from scaler.model import Create, Evict, Wait, Write
from scaler.planning import frozen
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import asked, owner, pod, podsize, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.statuses import HOT, status_of

R = Reason
WITH_VPA = Others(vertical="web")


def test_a_typo_freezes_everything_as_it_is() -> None:
    old = Status(size=stored(), phase=Phase.APPLYING, reason=Reason.DOUBLED)
    seen = view(pod("a"), pod("b"), settings=BadAnnotation("mode: atuo"), status=old)
    new = status_of(seen, HOT)
    assert new.size == stored()
    assert (new.phase, new.reason, new.message) == (
        Phase.BLOCKED,
        Reason.BAD_ANNOTATION,
        "mode: atuo",
    )


def test_another_typo_is_reported() -> None:
    seen = view(settings=BadAnnotation("one; two"))
    seen = carried_out(seen, planned(seen))
    assert isinstance(planned(seen).action, Wait)
    assert status_of(replace(seen, settings=BadAnnotation("two"))).message == "two"


def test_a_typo_before_there_is_a_podsize_is_reported_and_creates_none() -> None:
    seen = replace(view(settings=BadAnnotation("x")), podsize=None)
    plan = planned(seen)
    assert isinstance(plan.action, Wait) and plan.standing.reason is R.BAD_ANNOTATION


@pytest.mark.parametrize(
    ("whose", "foreign", "message"),
    [
        (owner(), "Rollout web", "its controller is Rollout web, not a Deployment"),
        (owner(template={"resources": {}}), None, "resources at pod level"),
        (
            owner(template={"resources": {"limits": {"cpu": 1}}}),
            None,
            "resources at pod level",
        ),
        (owner(template={"os": {"name": "windows"}}), None, "a Windows pod"),
        (
            owner(template={"nodeSelector": {"kubernetes.io/os": "windows"}}),
            None,
            "a Windows pod",
        ),
    ],
    ids=["foreign", "empty pod level", "pod level", "windows", "windows by selector"],
)
def test_a_workload_that_cannot_be_sized_is_left_alone(
    whose: Any, foreign: str | None, message: str
) -> None:
    for kept in (podsize(), None):
        seen = view(whose=whose, foreign=foreign, kept=kept)
        plan = planned(seen, HOT)
        assert (plan.standing.reason, plan.standing.message) == (R.UNSUPPORTED, message)
        assert not isinstance(plan.action, Create | Evict)


def test_nothing_is_done_where_no_webhook_can_be_asked() -> None:
    seen = view(pod("a"), pod("b"), status=Status(size=stored()))
    plan = planned(seen, context(using(nginx=480), webhook="the entry is missing"))
    assert isinstance(plan.action, Write) and plan.action.status.size == stored()
    assert plan.standing.reason is Reason.WEBHOOK_UNVERIFIED
    observed = planned(replace(seen, settings=asked(mode="observe")), context(webhook="missing"))
    assert observed.standing.reason is Reason.OBSERVING


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"settings": BadAnnotation("mode: atuo")}, "mode: atuo"),
        ({"settings": None}, "the workload is no longer enrolled"),
        ({"settings": asked(mode="off")}, "the workload is no longer enrolled"),
        ({"settings": asked(mode="observe")}, "the workload is no longer enrolled"),
        ({"foreign": "Rollout web"}, "its controller is Rollout web, not a Deployment"),
        ({"others": WITH_VPA}, WITH_VPA.owner),
    ],
)
def test_what_was_begun_is_not_gone_on_with(changed: dict[str, Any], why: str | None) -> None:
    assert frozen.stopped(replace(view(pod("a")), **changed), context()) == why
