"""After a rollback: what is tried again, when, and that it settles."""

from msgspec.structs import replace

from scaler.model import Wait, Write
from store.model import Apply, Phase, Status
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import hand, injected, owner, size, view
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.rollbacks import (
    BACK,
    CALM,
    GONE_BACK,
    LARGE,
    LINE,
    STATUS,
    UNHEALTHY,
    WELL,
    podsize_of,
    taken,
)
from tests.unit.scaler.troubled import ago, looping


def test_nothing_is_written_during_the_back_off_of_a_rollback() -> None:
    seen = view(injected("web-1", BACK), WELL, status=GONE_BACK)
    for cycle in (CALM, context(using(nginx=740))):
        seen = carried_out(seen, planned(seen, cycle))
        assert planned(seen, cycle).action == Wait()


def test_a_pod_at_its_limit_gets_nothing_during_the_back_off() -> None:
    seen = view(injected("web-1", BACK), WELL, status=GONE_BACK)
    plan = planned(seen, context(using(nginx=740)))
    assert plan.decisions[0].reason is Reason.BACKING_OFF
    assert plan.standing.reason is Reason.ROLLED_BACK


def test_a_pod_at_its_limit_is_doubled_again_after_the_back_off() -> None:
    later = replace(GONE_BACK, backoff=BackOff(1, ago(1)), changes=(_aged(GONE_BACK), LINE))
    plan = planned(view(injected("web-1", BACK), WELL, status=later), context(using(nginx=740)))
    assert isinstance(plan.action, Write) and plan.action.status.size
    assert plan.standing.reason is Reason.DOUBLED
    assert plan.action.status.size.apply is Apply.ALL


def test_a_size_by_hand_is_not_tried_again_before_the_back_off_is_over() -> None:
    seen = view(injected("web-1", BACK), WELL, status=GONE_BACK, by_hand=[hand(cpu=(500, 1000))])
    assert planned(seen, CALM).standing.reason is Reason.ROLLED_BACK
    later = replace(GONE_BACK, backoff=BackOff(1, ago(1)))
    seen = replace(seen, podsize=replace(podsize_of(seen), status=later))
    assert planned(seen, CALM).standing.reason is Reason.MANUAL


def test_a_size_by_hand_that_was_edited_since_is_tried_at_once() -> None:
    seen = view(injected("web-1", BACK), WELL, status=GONE_BACK, by_hand=[hand(cpu=(400, 800))])
    edited = replace(podsize_of(seen), generation=2)
    plan = planned(replace(seen, podsize=edited), CALM)
    assert isinstance(plan.action, Write)
    assert plan.standing.reason is Reason.MANUAL


def test_an_edited_manifest_takes_effect_at_once_after_a_rollback() -> None:
    came = {"nginx": size((300, 600))}
    seen = view(
        *(injected(f"web-{i}", BACK, came) for i in (1, 2)), status=GONE_BACK, whose=owner(came)
    )
    assert planned(seen, CALM).standing.reason is Reason.MANIFEST_CHANGED


def test_healthy_pods_keep_the_newer_size_after_a_rollback() -> None:
    seen = view(injected("web-1", BACK), WELL, status=GONE_BACK)
    for _ in range(3):
        plan = planned(seen, CALM)
        assert taken(plan) is None
        seen = carried_out(seen, plan)


def test_an_older_size_that_works_keeps_the_back_off() -> None:
    seen = view(injected("web-1", BACK), injected("web-2", BACK), status=GONE_BACK)
    seen = carried_out(seen, planned(seen, CALM))
    status = podsize_of(seen).status
    assert status.last_good == BACK
    assert status.backoff == GONE_BACK.backoff


def test_a_newer_size_that_works_clears_the_back_off() -> None:
    newer = replace(LARGE, revision=5)
    line = replace(LINE, revision=5)
    status = replace(
        STATUS, size=newer, changes=(line, LINE), backoff=BackOff(2, ago(1)), last_good=BACK
    )
    seen = view(injected("web-1", newer), injected("web-2", newer), status=status)
    seen = carried_out(seen, planned(seen, CALM))
    assert podsize_of(seen).status.backoff == BackOff()


def test_a_workload_settles_after_its_first_crash_with_one_replacement() -> None:
    seen = view(looping(UNHEALTHY), WELL, status=STATUS)
    names = []
    for _ in range(6):
        plan = planned(seen, CALM)
        names.append(type(plan.action).__name__)
        seen = carried_out(seen, plan)
    assert names[:2] == ["Write", "Evict"] and names[-1] == "Wait"
    assert WELL in seen.pods and all(p.ready for p in seen.pods)
    status = podsize_of(seen).status
    assert (status.phase, status.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
    assert status.restarts.count == 1


def _aged(status: Status) -> Change:
    return replace(status.changes[0], at=ago(400))
