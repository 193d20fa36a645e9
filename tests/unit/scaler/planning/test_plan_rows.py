"""Which check of plan.py and of apply.py decides, for each of them."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.annotations.options import BadAnnotation
from scaler.checks import Checks
from scaler.cluster.autoscalers import Others
from scaler.cluster.view import View
from scaler.planning import apply, plan
from scaler.planning.context import Context
from scaler.planning.plan_case import PlanCase
from store.model import Apply, ContainerSize, Phase, Status, StoredSize
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import (
    NGINX,
    NOW,
    asked,
    fingerprint,
    hand,
    injected,
    owner,
    pod,
    podsize,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import context, using
from tests.unit.scaler.resized import FAILING, resized

HOT = context(using(nginx=480))
ENROLLED = view(pod("a"), pod("b"))
GONE = replace(ENROLLED, owner=None)
ROLLED_BACK = Status(
    size=stored(2),
    phase=Phase.ROLLED_BACK,
    reason=Reason.ROLLED_BACK,
    backoff=BackOff(1, timestamps.text(NOW + 200), Reason.ROLLED_BACK),
    changes=(
        Change(timestamps.text(NOW - 60), 2, "nginx", "cpu", "1", "500m", Reason.ROLLED_BACK),
    ),
)

PLAN: dict[str, tuple[View, Context]] = {
    "namespace_goes": (replace(ENROLLED, namespace_goes=True, held=(pod("c"),)), HOT),
    "held": (replace(ENROLLED, held=(pod("c"),)), HOT),
    "gone": (GONE, HOT),
    "malformed": (replace(ENROLLED, settings=BadAnnotation("mode: atuo")), HOT),
    "opted_out": (replace(ENROLLED, settings=None), HOT),
    "surge_disabled": (replace(ENROLLED, settings=asked(disruption="delete")), HOT),
    "unsupported": (view(whose=owner(template={"os": {"name": "windows"}})), HOT),
    "no_podsize": (replace(ENROLLED, podsize=None), HOT),
    "other_autoscaler": (replace(ENROLLED, others=Others(vertical="web")), HOT),
    "no_webhook": (ENROLLED, context(webhook="the entry is missing")),
    "not_owned": (view(kept=replace(podsize(), owned=False)), HOT),
    "sized": (ENROLLED, HOT),
}
LOWERED = StoredSize(
    3, Apply.ALL, (ContainerSize("nginx", size(memory=(64, 100)), NGINX["nginx"]),), fingerprint()
)
APPLY: dict[str, tuple[View, Context]] = {
    "cannot_be_lowered": (
        view(
            resized("a", {"nginx": size(memory=(64, 100))}, said=FAILING, ago=90),
            status=Status(size=LOWERED),
            settings=asked(strategy="resize"),
        ),
        context(unresizable=lambda view, uid: None),
    ),
    "only_observed": (replace(ENROLLED, settings=asked(mode="observe")), HOT),
    "in_back_off": (
        view(
            injected("a", stored(2)),
            injected("b", stored(2)),
            status=ROLLED_BACK,
            by_hand=[hand(cpu=(400, 900))],
        ),
        HOT,
    ),
    "paused": (replace(ENROLLED, settings=asked(paused="true")), HOT),
    "another_size": (ENROLLED, HOT),
    "pods_and_status": (ENROLLED, context()),
}


def decided(seen: View, cycle: Context) -> dict[str, str]:
    """The row that decided, by chain."""
    chains = {id(plan.CHECKS): "plan", id(apply.CHECKS): "apply"}
    rows: dict[str, str] = {}
    usual = Checks.first

    def first(checks: Checks[Any, Any], case: Any) -> Any:
        if id(checks) not in chains:
            return usual(checks, case)
        row, outcome = checks.decisive(case)
        rows[chains[id(checks)]] = row
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checks, "first", first)
        plan.plan(seen, cycle)
    return rows


def test_every_check_has_its_case() -> None:
    assert PLAN.keys() == plan.CHECKS.purposes().keys()
    assert {"does_not_work", *APPLY} == apply.CHECKS.purposes().keys()  # that: test_rollback.py


@pytest.mark.parametrize("row", PLAN)
def test_a_check_of_the_plan_decides(row: str) -> None:
    assert decided(*PLAN[row])["plan"] == row


@pytest.mark.parametrize("row", APPLY)
def test_a_check_on_a_sized_workload_decides(row: str) -> None:
    assert decided(*APPLY[row]) == {"plan": "sized", "apply": row}


@pytest.mark.parametrize("row", PLAN)
def test_all_checks_can_be_asked_and_the_first_answer_is_the_one(row: str) -> None:
    case = PlanCase(*PLAN[row])
    answers = [a for _, a in plan.CHECKS.each(case) if a is not None]
    assert answers[0] == plan.CHECKS.first(case)
