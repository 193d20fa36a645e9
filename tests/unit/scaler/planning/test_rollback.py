"""A size that does not work is rolled back: rollback.py, diagnosis.py, rollback_target.py."""

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.model import Write
from scaler.planning.recheck import still
from scaler.replacement.prospects import RestartLimits
from store.model import Apply, Phase
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import NOW, injected, owner, view
from tests.unit.scaler.cycles import planned
from tests.unit.scaler.rollbacks import (
    BACK,
    CALM,
    GONE_BACK,
    LINE,
    SMALL,
    STATUS,
    UNHEALTHY,
    WELL,
    Case,
    goes_back,
    most,
    rolled_back,
)
from tests.unit.scaler.troubled import ago, looping

CASES = [
    Case("paused", looping(UNHEALTHY), 2, asked={"paused": "true"}),
    Case("only observed", looping(UNHEALTHY), 2, asked={"mode": "observe"}),
    Case(
        "everything is paused",
        looping(UNHEALTHY),
        2,
        cycle={"limits": RestartLimits(paused="our own Deployment is paused")},
    ),
    Case(
        "a dry run",
        looping(UNHEALTHY),
        None,
        cycle={"limits": RestartLimits(paused="scaler.dryRun is set", dry_run=True)},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_a_rollback_waits_for_nobody_but_a_dry_run(case: Case) -> None:
    goes_back(case)


_CRASHED = "web-1 crash-loops: nginx: back-off 20s restarting; last: Error, exit code 1"


class TestWhatIsWritten:
    STATUS = rolled_back(planned(view(looping(UNHEALTHY), WELL, status=STATUS), CALM))

    def test_a_rollback_is_a_new_revision_for_new_pods_only(self) -> None:
        assert self.STATUS and self.STATUS.size == replace(SMALL, revision=4, apply=Apply.NEW)

    def test_the_last_good_size_stays_as_it_was_after_a_rollback(self) -> None:
        assert self.STATUS and self.STATUS.last_good == SMALL

    def test_a_rollback_is_in_the_history(self) -> None:
        assert self.STATUS is not None
        assert self.STATUS.changes[0] == Change(
            timestamps.text(NOW), 4, "nginx", "cpu", "1", "750m", Reason.ROLLED_BACK
        )
        assert self.STATUS.changes[1:] == (LINE,)

    def test_a_rollback_is_explained_with_the_kubelet_s_message(self) -> None:
        assert self.STATUS is not None
        assert (self.STATUS.phase, self.STATUS.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
        assert self.STATUS.message.startswith("web-1 crash-loops: nginx: back-off 20s restarting")
        assert self.STATUS.message.endswith("new pods get an earlier size again")

    def test_a_rollback_records_one_failure_more(self) -> None:
        assert self.STATUS and self.STATUS.backoff == BackOff(
            1, timestamps.text(NOW + 300), "RolledBack", _CRASHED
        )

    def test_each_further_rollback_backs_off_twice_as_long(self) -> None:
        again = replace(STATUS, backoff=BackOff(1, ago(60)))
        written = rolled_back(planned(view(looping(UNHEALTHY), WELL, status=again), CALM))
        assert written and written.backoff == BackOff(
            2, timestamps.text(NOW + 600), "RolledBack", _CRASHED
        )

    def test_two_rollbacks_in_a_row_are_one_failure_and_the_second_has_its_whole_back_off(
        self,
    ) -> None:
        """Found by simulation: a size was tried again 145 s after the second rollback."""
        unhealthy = looping(injected("web-1", BACK, created=ago(100), nodeName="node"))
        before = replace(GONE_BACK, backoff=replace(GONE_BACK.backoff, until=ago(-145)))
        written = rolled_back(planned(view(unhealthy, WELL, status=before), CALM))
        assert written and written.backoff == BackOff(
            1, timestamps.text(NOW + 300), "RolledBack", _CRASHED
        )

    def test_the_back_off_for_another_failure_is_not_that_of_a_rollback(self) -> None:
        """Found by simulation: what was rolled back was tried again after 96 s."""
        other = replace(STATUS, backoff=BackOff(1, timestamps.text(NOW + 96), "Rewritten"))
        written = rolled_back(planned(view(looping(UNHEALTHY), WELL, status=other), CALM))
        assert written and written.backoff == BackOff(
            2, timestamps.text(NOW + 600), "RolledBack", _CRASHED
        )

    def test_a_limit_range_is_asked_about_pods_that_are_not_there(self) -> None:
        seen = view(WELL, status=STATUS, whose=owner(), **most("800m"))
        written = rolled_back(planned(replace(seen, pods=()), CALM))
        assert written and written.size and written.size.containers == SMALL.containers


def test_the_pods_are_listed_again_before_a_size_is_rolled_back() -> None:
    """Found on the real cluster: a watch that fell silent showed a pod as it had started."""
    seen = view(looping(UNHEALTHY), WELL, status=STATUS)
    plan = planned(seen, CALM)
    assert isinstance(plan.action, Write) and plan.action.blames
    assert still(seen, plan, CALM, [looping(UNHEALTHY), WELL])
    assert not still(seen, plan, CALM, [UNHEALTHY, WELL])
