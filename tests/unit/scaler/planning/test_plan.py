"""One cycle of one workload: the table of plan.py."""

import gc
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.annotations.options import BadAnnotation
from scaler.model import Adopt, Create, Evict, Wait, Write
from scaler.planning.plan import plan
from store.model import Phase, Status
from store.reasons import Reason
from store.records import BackOff
from tests.unit.scaler.builders import (
    NOW,
    OWNER,
    asked,
    hand,
    injected,
    owner,
    pod,
    podsize,
    stored,
    view,
)
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.statuses import HOT, line, status_of

R = Reason


class TestWhatIsNotOurs:
    def test_a_workload_that_is_gone_needs_nothing(self) -> None:
        assert plan(replace(view(), owner=None), context()) is None

    def test_a_workload_that_opted_out_before_it_had_a_podsize_needs_nothing(self) -> None:
        assert plan(replace(view(settings=None), podsize=None), HOT) is None

    @pytest.mark.parametrize("settings", [None, asked(mode="off")], ids=["removed", "off"])
    def test_a_workload_that_opts_out_gets_the_manifest_s_values_for_new_pods(
        self, settings: Any
    ) -> None:
        old = Status(
            size=stored(),
            last_good=stored(),
            backoff=BackOff(2, timestamps.text(NOW + 60)),
            changes=(line(1),),
            wish=(hand(cpu=(1, 1)),),
        )
        seen = view(injected("a", stored()), settings=settings, status=old)
        plan = planned(seen, HOT)
        assert isinstance(plan.action, Write)
        new = plan.action.status
        assert (new.size, new.wish, new.backoff, new.conditions) == (None, (), BackOff(), ())
        assert (new.phase, new.reason) == (Phase.SETTLED, Reason.OPTED_OUT)
        assert new.highest_revision == 1
        assert isinstance(planned(carried_out(seen, plan)).action, Wait)

    def test_a_workload_that_is_being_deleted_is_left_alone(self) -> None:
        """Its controller makes no pod any more, so one that is evicted would not come back."""
        seen = view(injected("a", stored(1)), status=Status(size=stored(2)))
        assert seen.owner is not None
        meta = msgspec.structs.replace(seen.owner.metadata, deletion_timestamp=timestamps.text(NOW))
        goes = msgspec.structs.replace(seen.owner, metadata=meta)
        assert plan(replace(seen, owner=goes), HOT) is None

    def test_a_typo_freezes_everything_as_it_is(self) -> None:
        old = Status(size=stored(), phase=Phase.APPLYING, reason=Reason.DOUBLED)
        seen = view(pod("a"), pod("b"), settings=BadAnnotation("mode: atuo"), status=old)
        new = status_of(seen, HOT)
        assert new.size == stored()
        assert (new.phase, new.reason, new.message) == (
            Phase.BLOCKED,
            Reason.BAD_ANNOTATION,
            "mode: atuo",
        )

    def test_another_typo_is_reported(self) -> None:
        seen = view(settings=BadAnnotation("one; two"))
        seen = carried_out(seen, planned(seen))
        assert isinstance(planned(seen).action, Wait)
        assert status_of(replace(seen, settings=BadAnnotation("two"))).message == "two"

    def test_a_typo_before_there_is_a_podsize_is_reported_and_creates_none(self) -> None:
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
        self, whose: Any, foreign: str | None, message: str
    ) -> None:
        for kept in (podsize(), None):
            seen = view(whose=whose, foreign=foreign, kept=kept)
            plan = planned(seen, HOT)
            assert (plan.standing.reason, plan.standing.message) == (R.UNSUPPORTED, message)
            assert not isinstance(plan.action, Create | Evict)


class TestTheStore:
    def test_an_enrolled_workload_gets_a_podsize(self) -> None:
        seen = replace(view(), podsize=None)
        assert planned(seen, HOT).action == Create(seen.workload, OWNER)

    def test_a_podsize_that_a_user_made_is_owned_first(self) -> None:
        kept = replace(podsize(by_hand=[hand(cpu=(1, 2))]), owned=False)
        seen = view(kept=kept)
        assert planned(seen, HOT).action == Adopt(seen.workload, OWNER)

    def test_nothing_is_done_where_no_webhook_can_be_asked(self) -> None:
        seen = view(pod("a"), pod("b"), status=Status(size=stored()))
        plan = planned(seen, context(using(nginx=480), webhook="the entry is missing"))
        assert isinstance(plan.action, Write) and plan.action.status.size == stored()
        assert plan.standing.reason is Reason.WEBHOOK_UNVERIFIED
        observed = planned(
            replace(seen, settings=asked(mode="observe")), context(webhook="missing")
        )
        assert observed.standing.reason is Reason.OBSERVING


def test_what_a_plan_was_made_of_is_gone_with_it() -> None:
    """A cycle of references is left to the collector of garbage: a sixth of what all cost."""
    settled = view(injected("a", stored()))
    gc.collect()
    gc.disable()
    try:
        plan(settled, context())
        assert gc.collect() == 0
    finally:
        gc.enable()
