"""A size that does not work is rolled back: rollback.py, diagnosis.py, rollback_target.py."""

from collections.abc import Sequence

import pytest
from msgspec.structs import astuple, replace

from kube import objects, timestamps
from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.model import Standing, Write
from scaler.planning.recheck import still
from scaler.planning.rollback import RollbackCase, of_pod
from scaler.replacement.prospects import RestartLimits
from store.model import Apply, Phase, Sizes, Status
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import NOW, asked, injected, owner, view
from tests.unit.scaler.cycles import planned
from tests.unit.scaler.rollbacks import (
    BACK,
    CALM,
    GONE_BACK,
    LARGE,
    LINE,
    SMALL,
    STATUS,
    UNHEALTHY,
    WELL,
    Case,
    goes_back,
    most,
    podsize_of,
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


def crashed(status: Status = STATUS) -> Status:
    """What is written for a pod that crash-loops with the stored size."""
    written = rolled_back(planned(view(looping(UNHEALTHY), WELL, status=status), CALM))
    assert written is not None
    return written


class TestWhatIsWritten:
    def test_a_rollback_is_a_new_revision_for_new_pods_only(self) -> None:
        assert crashed().size == replace(SMALL, revision=4, apply=Apply.NEW)

    def test_the_last_good_size_stays_as_it_was_after_a_rollback(self) -> None:
        assert crashed().last_good == SMALL

    def test_a_rollback_is_in_the_history(self) -> None:
        assert crashed().changes == (
            Change(timestamps.text(NOW), 4, "nginx", "cpu", "1", "750m", Reason.ROLLED_BACK),
            LINE,
        )

    def test_a_wish_is_no_wish_any_more(self) -> None:
        """What was asked for is what did not work."""
        assert crashed(replace(STATUS, wish=LARGE.containers)).wish == ()

    def test_a_rollback_is_explained_with_the_kubelet_s_message(self) -> None:
        plan = planned(view(looping(UNHEALTHY), WELL, status=STATUS), CALM)
        why = f"{_CRASHED}; new pods get an earlier size again"
        assert plan.standing == Standing(Phase.ROLLED_BACK, Reason.ROLLED_BACK, why)
        status = crashed()
        assert (status.phase, status.reason, status.message) == (*astuple(plan.standing),)

    def test_without_an_earlier_size_it_is_the_manifest_s_again(self) -> None:
        assert crashed(replace(STATUS, last_good=None)).message == (
            f"{_CRASHED}; new pods get the manifest's values again"
        )

    def test_an_earlier_size_above_a_maximum_of_its_container_is_none(self) -> None:
        for maximum, back in (("700m", ()), ("750m", SMALL.containers)):
            asks = asked(cpu_max__nginx=maximum)
            seen = view(looping(UNHEALTHY), WELL, status=STATUS, settings=asks)
            written = rolled_back(planned(seen, CALM))
            assert written and written.size and written.size.containers == back

    def test_it_is_written_to_the_object_that_was_read(self) -> None:
        seen = view(looping(UNHEALTHY), WELL, status=STATUS)
        plan = planned(seen, CALM)
        assert isinstance(plan.action, Write)
        assert plan.workload == plan.action.workload == seen.workload
        assert plan.action.resource_version == podsize_of(seen).resource_version

    def test_a_rollback_records_one_failure_more(self) -> None:
        assert crashed().backoff == BackOff(1, timestamps.text(NOW + 300), "RolledBack", _CRASHED)

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

    def test_a_quota_is_asked_what_it_allows_now(self) -> None:
        seen = replace(view(WELL, status=STATUS, whose=owner()), pods=())

        def full(of: View, pods: Sequence[objects.Pod], sizes: Sizes) -> str | None:
            assert of is seen and len(pods) == 1
            return "exceeded quota" if (sizes["nginx"].limits.cpu or 0) > 800 else None

        written = rolled_back(planned(seen, replace(CALM, quota_now=full)))
        assert written and written.size and written.size.containers == SMALL.containers
        assert "exceeded quota" in written.message


def test_the_pods_are_listed_again_before_a_size_is_rolled_back() -> None:
    """Found on the real cluster: a watch that fell silent showed a pod as it had started."""
    seen = view(looping(UNHEALTHY), WELL, status=STATUS)
    plan = planned(seen, CALM)
    assert isinstance(plan.action, Write) and plan.action.blames
    assert still(seen, plan, CALM, [looping(UNHEALTHY), WELL])
    assert not still(seen, plan, CALM, [UNHEALTHY, WELL])


@pytest.mark.parametrize(
    ("status", "size"),
    [(STATUS, SMALL.containers), (replace(STATUS, last_good=None), ()), (Status(), None)],
    ids=["to an earlier size", "to the manifest's", "there is none"],
)
def test_one_pod_that_cannot_have_the_size_is_enough(status: Status, size: object) -> None:
    """Its kubelet fails to lower its memory, say: others may have it already."""
    seen = view(WELL, status=status)
    assert isinstance(seen.settings, Settings)
    case = RollbackCase(seen, podsize_of(seen), seen.settings, CALM)
    made = of_pod(case, seen.states[0], "web-2 cannot have it")
    got = rolled_back(made) if made else None
    assert (got and got.size and got.size.containers) == size
    assert got is None or got.message.startswith("web-2 cannot have it; new pods get ")
