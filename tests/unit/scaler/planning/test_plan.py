"""One cycle of one workload: the table of plan.py."""

import gc
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.model import Adopt, Create, Wait, Write
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
    podsize,
    stored,
    view,
)
from tests.unit.scaler.cycles import carried_out, context, planned
from tests.unit.scaler.statuses import HOT, line

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


class TestTheStore:
    def test_an_enrolled_workload_gets_a_podsize(self) -> None:
        seen = replace(view(), podsize=None)
        assert planned(seen, HOT).action == Create(seen.workload, OWNER)

    def test_a_podsize_that_a_user_made_is_owned_first(self) -> None:
        kept = replace(podsize(by_hand=[hand(cpu=(1, 2))]), owned=False)
        seen = view(kept=kept)
        assert planned(seen, HOT).action == Adopt(seen.workload, OWNER)


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
