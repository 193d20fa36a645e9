"""A size that does not work is taken back: rollback.py, diagnosis.py, rollback_target.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from kube import objects, timestamps
from scaler.cluster.view import View
from scaler.feasibility.rescheduling import Places
from scaler.model import Evict, Verdict, Wait, Write
from scaler.planning.recheck import still
from scaler.replacement.candidate import RestartLimits
from store.model import Apply, BackOff, Change, ContainerSize, Phase, PodSize, Sizes, Status
from store.reasons import Reason
from tests.unit.scaler.builders import (
    NGINX,
    NOW,
    around,
    asked,
    carried_out,
    hand,
    injected,
    owner,
    planned,
    pod,
    size,
    stored,
    using,
    view,
)
from tests.unit.scaler.troubled import ago, looping, pending, starting

SMALL, LARGE = stored(2, {"nginx": size((375, 750))}), stored(3)
LINE = Change(ago(300), 3, "nginx", "cpu", "750m", "1", Reason.DOUBLED)
STATUS = Status(size=LARGE, last_good=SMALL, phase=Phase.APPLYING, changes=(LINE,))
PROVEN = replace(STATUS, last_good=LARGE)
SICK = injected("web-1", LARGE, created=ago(100), nodeName="node")
WELL = injected("web-2", LARGE, nodeName="node")
HALF = size((500, 1000), (32, 32))
PARTLY = pod(
    "web-1",
    {"nginx": size((1, 2), (32, 32))},
    stamp_of=(3, NGINX),
    created=ago(100),
    nodeName="node",
)
PARTLY_STORED = replace(
    STATUS, size=replace(LARGE, containers=(ContainerSize("nginx", HALF, NGINX["nginx"]),))
)
CALM = around(using())


def room_for(millicores: int) -> Callable[[Any, Sizes], str | None]:
    """An obstacle for pods that request more."""

    def obstacle(pods: Any, sizes: Sizes) -> str | None:
        asked_for = sizes["nginx"].requests.cpu or 0
        return f"no node has {asked_for}m" if asked_for > millicores else None

    return obstacle


@dataclass(frozen=True)
class Case:
    """`back`: the revision whose values the store goes back to; 0: the manifest's; None: stays."""

    name: str
    sick: objects.Pod
    back: int | None
    status: Status = STATUS
    asked: Mapping[str, str] = field(default_factory=dict)
    cycle: Mapping[str, Any] = field(default_factory=dict)
    around: Mapping[str, Any] = field(default_factory=dict)


def most(cpu: str) -> Mapping[str, Any]:
    item = {"type": "Container", "max": {"cpu": cpu}}
    found = {"metadata": {"name": "most"}, "spec": {"limits": [item]}}
    return {"limit_ranges": (msgspec.convert(found, objects.LimitRange),)}


def lost(millicores: int) -> Mapping[str, Any]:
    """The pods' nodes are gone, and others have only so much."""
    at_most = room_for(millicores)
    return {"places": Places(unschedulable=lambda pod, sizes: at_most([pod], sizes))}


def room_of(name: str) -> Callable[..., str | None]:
    """A quota that is full, but for what this pod gives back."""
    return lambda seen, pods, sizes: None if pods[0].metadata.name == name else "full"


REFUSED = {
    "type": "ReplicaFailure",
    "status": "True",
    "reason": "FailedCreate",
    "message": 'pods "web-1" is forbidden: no more cpu than 700m',
    "lastTransitionTime": ago(90),
}


def missing(sizes: Sizes = NGINX, **condition: str) -> Mapping[str, Any]:
    """One of three pods cannot be made."""
    told = {"conditions": [{**REFUSED, **condition}]}
    return {"whose": owner(sizes, replicas=3, status=told)}


def stale(words: str) -> Mapping[str, Any]:
    """What an owner was last told of rules that we read ourselves, and that say nothing now."""
    return missing(message=f'pods "web-1" is forbidden: {words}')


UNFORESEEN = {"places": Places(unmodelled=lambda pod: "a claim")}
CASES = [
    Case("nothing is wrong", SICK, None),
    Case("crash-loops", looping(SICK), 2),
    Case("crash-loops at the first size", looping(SICK), 0, replace(STATUS, last_good=None)),
    Case("crash-loops, and some of the size was rewritten", looping(PARTLY), 2, PARTLY_STORED),
    Case("crash-loops, and all of the size was rewritten", looping(PARTLY), None, STATUS),
    Case("crash-loops with the proven size", looping(SICK), None, PROVEN),
    Case("crash-loops, and nothing is stored any more", looping(SICK), 0, Status()),
    Case("the same, and it is well again", WELL, None, Status()),
    Case("is not Ready in time", starting(SICK, since=90), 2),
    Case("crash-loops, and the store says something else", looping(injected("a", SMALL)), None),
    Case(
        "crash-loops, and the last good size is above a maximum by now",
        looping(SICK),
        0,
        asked={"cpu_max": "600m"},
    ),
    Case(
        "crash-loops, and the last good size would be refused",
        looping(SICK),
        0,
        around=most("600m"),
    ),
    Case("crash-loops, and the last good size has no room", looping(SICK), 0, cycle=lost(300)),
    Case(
        "crash-loops, and the last good one was for another manifest",
        looping(SICK),
        0,
        replace(STATUS, last_good=stored(2, came={"nginx": size((100, 500))})),
    ),
    Case("paused", looping(SICK), 2, asked={"paused": "true"}),
    Case("only observed", looping(SICK), 2, asked={"mode": "observe"}),
    Case(
        "everything is paused",
        looping(SICK),
        2,
        cycle={"limits": RestartLimits(paused="our own Deployment is paused")},
    ),
    Case(
        "a dry run",
        looping(SICK),
        None,
        cycle={"limits": RestartLimits(paused="scaler.dryRun is set", dry_run=True)},
    ),
    Case(
        "finds no node, but a smaller one would",
        pending(SICK),
        2,
        cycle={"obstacle": room_for(400)},
    ),
    Case("only the manifest's would", pending(SICK), 0, cycle={"obstacle": room_for(300)}),
    Case("not even the manifest's would", pending(SICK), None, cycle={"obstacle": room_for(100)}),
    Case("there is room by now", pending(SICK), None, cycle={"obstacle": room_for(500)}),
    Case(
        "finds no node with what was proven",
        pending(SICK),
        0,
        PROVEN,
        cycle={"obstacle": room_for(400)},
    ),
    Case("nobody can say, but the scheduler has", pending(SICK), 2, cycle=UNFORESEEN),
    Case("it lacks something else", pending(SICK, "4 Insufficient memory"), None, cycle=UNFORESEEN),
    Case("its volume is elsewhere", pending(SICK, "volume conflict"), None, cycle=UNFORESEEN),
    Case("a LimitRange came since", WELL, 2, around=most("800m")),
    Case(
        "the same, and the first pod would find no node anyway",
        pending(SICK),
        2,
        around=most("800m"),
        cycle={
            "places": Places(unschedulable=lambda p, sizes: None if p.spec.node_name else "no room")
        },
    ),
    Case(
        "the same, and a quota has room only for what the other gives back",
        pod("web-1", nodeName="node"),
        2,
        around=most("800m"),
        cycle={"quota_now": room_of("web-2")},
    ),
    Case("it refuses the last good one too", WELL, 0, around=most("600m")),
    Case("it refuses the manifest's too", WELL, None, around=most("400m")),
    Case(
        "a LimitRange came since, what it refuses was proven", WELL, 0, PROVEN, around=most("800m")
    ),
    Case("its node is gone, others are smaller", WELL, 2, cycle=lost(400)),
    Case("others are far too small", WELL, None, cycle=lost(100)),
    Case("a policy of somebody refuses it", WELL, 2, around=missing()),
    Case("the same, a moment ago", WELL, None, around=missing(lastTransitionTime=ago(30))),
    Case("that is over", WELL, None, around=missing(status="False")),
    Case("of another template", WELL, None, around=missing({"nginx": size((350, 1050))})),
    Case("a LimitRange did", WELL, None, around=stale("maximum cpu usage per Container is 300m")),
    Case("a quota did", WELL, None, around=stale("exceeded quota: few, used: limits.cpu=1")),
    Case("for another reason", WELL, None, around=missing(message="too many pods")),
]


def retreat(verdict: Verdict) -> Status | None:
    """What is written where the store goes back."""
    action = verdict.action
    if verdict.standing.reason is not Reason.ROLLED_BACK or not isinstance(action, Write):
        return None
    return action.status


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_the_store_goes_back(case: Case) -> None:
    cycle = dict(case.cycle)
    seen = view(
        case.sick,
        WELL,
        status=case.status,
        settings=asked(**case.asked),
        **case.around,
    )
    obstacle = cycle.pop("obstacle", lambda pods, sizes: None)
    told = retreat(planned(seen, replace(around(using(), **cycle), obstacle=obstacle)))
    if case.back is None:
        assert told is None
        return
    assert told is not None and told.size is not None
    assert told.size.containers == (SMALL.containers if case.back else ())


class TestWhatIsWritten:
    STATUS = retreat(planned(view(looping(SICK), WELL, status=STATUS), CALM))

    def test_a_new_revision_for_new_pods_only(self) -> None:
        assert self.STATUS and self.STATUS.size == replace(SMALL, revision=4, apply=Apply.NEW)

    def test_the_last_good_size_stays_what_it_was(self) -> None:
        assert self.STATUS and self.STATUS.last_good == SMALL

    def test_the_change_is_on_record(self) -> None:
        assert self.STATUS is not None
        assert self.STATUS.changes[0] == Change(
            timestamps.text(NOW), 4, "nginx", "cpu", "1", "750m", Reason.ROLLED_BACK
        )
        assert self.STATUS.changes[1:] == (LINE,)

    def test_why_is_said_in_the_kubelets_words(self) -> None:
        assert self.STATUS is not None
        assert (self.STATUS.phase, self.STATUS.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
        assert self.STATUS.message.startswith("web-1 crash-loops: nginx: back-off 20s restarting")
        assert self.STATUS.message.endswith("new pods get an earlier size again")

    def test_one_failure_more(self) -> None:
        assert self.STATUS and self.STATUS.backoff == BackOff(
            1, timestamps.text(NOW + 300), "RolledBack"
        )

    def test_each_further_one_is_waited_out_twice_as_long(self) -> None:
        again = replace(STATUS, backoff=BackOff(1, ago(60)))
        told = retreat(planned(view(looping(SICK), WELL, status=again), CALM))
        assert told and told.backoff == BackOff(2, timestamps.text(NOW + 600), "RolledBack")

    def test_two_steps_back_are_one_failure(self) -> None:
        sick = looping(injected("web-1", BACK, created=ago(100), nodeName="node"))
        told = retreat(planned(view(sick, WELL, status=GONE_BACK), CALM))
        assert told and told.backoff == GONE_BACK.backoff

    def test_the_wait_for_another_failure_is_not_its_own(self) -> None:
        """Found by simulation: what was taken back was tried again after 96 s."""
        other = replace(STATUS, backoff=BackOff(1, timestamps.text(NOW + 96), "Rewritten"))
        told = retreat(planned(view(looping(SICK), WELL, status=other), CALM))
        assert told and told.backoff == BackOff(2, timestamps.text(NOW + 600), "RolledBack")

    def test_a_limit_range_is_asked_about_pods_that_are_not_there(self) -> None:
        seen = view(WELL, status=STATUS, whose=owner(), **most("800m"))
        told = retreat(planned(replace(seen, pods=()), CALM))
        assert told and told.size and told.size.containers == SMALL.containers


BACK = replace(SMALL, revision=4, apply=Apply.NEW)
GONE_BACK = replace(
    STATUS,
    size=BACK,
    phase=Phase.ROLLED_BACK,
    reason=Reason.ROLLED_BACK,
    message="why",
    changes=(Change(ago(5), 4, "nginx", "cpu", "1", "750m", Reason.ROLLED_BACK), LINE),
    backoff=BackOff(1, timestamps.text(NOW + 295)),
)


def taken(verdict: Verdict) -> str | None:
    action = verdict.action
    return action.pod if isinstance(action, Evict) else None


class TestPodsInNeed:
    @pytest.mark.parametrize(
        ("sick", "obstacle", "name"),
        [
            (looping(SICK), 500, "web-1"),
            (starting(SICK, since=90), 500, "web-1"),
            (starting(SICK, since=30), 500, None),
            (SICK, 500, None),
            (looping(injected("web-1", BACK)), 500, None),
            (looping(pod("web-1")), 500, None),
            (pending(SICK), 400, "web-1"),
            (pending(SICK), 500, None),
            (pending(SICK), 300, None),
        ],
        ids=[
            *("it crash-loops", "it is not Ready in time", "it is starting", "it is well"),
            *("it has the smaller size", "it has the manifest's", "it fits nowhere"),
            *("it would fit by now", "the smaller one fits nowhere either"),
        ],
    )
    def test_only_who_is_helped_by_it_is_taken(
        self, sick: objects.Pod, obstacle: int, name: str | None
    ) -> None:
        manifest = replace(GONE_BACK, last_good=None)
        cycle = replace(CALM, obstacle=room_for(obstacle))
        seen = view(sick, WELL, status=manifest, settings=asked(single_replica="wait"))
        assert taken(planned(seen, cycle)) == name

    @pytest.mark.parametrize(
        "settings", [{"paused": "true"}, {"mode": "initial"}, {"mode": "observe"}], ids=str
    )
    def test_whatever_else_is_asked(self, settings: dict[str, str]) -> None:
        seen = view(looping(SICK), WELL, status=GONE_BACK, settings=asked(**settings))
        assert taken(planned(seen, CALM)) == "web-1"

    def test_without_a_place_among_those_in_flight_or_restarts_left(self) -> None:
        used = replace(
            GONE_BACK, restarts=replace(GONE_BACK.restarts, hour=timestamps.hour(NOW), count=99)
        )
        verdict = planned(view(looping(SICK), WELL, status=used), CALM)
        assert isinstance(verdict.action, Evict) and verdict.action.mends
        assert verdict.action.status.restarts.count == 100
        assert not verdict.in_flight

    def test_what_is_said_stays_the_retreat(self) -> None:
        verdict = planned(view(looping(SICK), WELL, status=GONE_BACK), CALM)
        assert isinstance(verdict.action, Evict)
        told = verdict.action.status
        assert (told.phase, told.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
        assert told.message.startswith("web-1 crash-loops")

    def test_nobody_gets_another_program_for_it(self) -> None:
        behind = owner(
            spec={"updateStrategy": {"type": "OnDelete"}}, status={"updateRevision": "two"}
        )
        seen = view(pending(SICK), WELL, status=GONE_BACK, kind="StatefulSet", whose=behind)
        verdict = planned(seen, replace(CALM, obstacle=room_for(400)))
        assert taken(verdict) is None
        assert verdict.standing.reason is Reason.TEMPLATE_CHANGED

    def test_a_dry_run_takes_nobody(self) -> None:
        dry = around(using(), limits=RestartLimits(paused="scaler.dryRun is set", dry_run=True))
        assert taken(planned(view(looping(SICK), WELL, status=GONE_BACK), dry)) is None

    def test_a_pod_that_waits_for_a_node_is_mended_by_a_smaller_hand(self) -> None:
        smaller = replace(
            LARGE, revision=5, containers=stored(5, {"nginx": size((260, 520))}).containers
        )
        status = replace(STATUS, size=smaller)
        seen = view(pending(SICK), WELL, status=status, by_hand=[hand(cpu=(260, 520))])
        assert taken(planned(seen, replace(CALM, obstacle=room_for(300)))) == "web-1"


class TestAfterwards:
    def test_nothing_is_written_while_it_is_waited_out(self) -> None:
        seen = view(injected("web-1", BACK), WELL, status=GONE_BACK)
        for cycle in (CALM, around(using(nginx=740))):
            seen = carried_out(seen, planned(seen, cycle))
            assert planned(seen, cycle).action == Wait()

    def test_a_pod_at_its_limit_gets_nothing(self) -> None:
        seen = view(injected("web-1", BACK), WELL, status=GONE_BACK)
        verdict = planned(seen, around(using(nginx=740)))
        assert [d.reason for d in verdict.decisions] == [Reason.BACKING_OFF]
        assert verdict.standing.reason is Reason.ROLLED_BACK

    def test_and_what_it_needs_when_the_time_is_over(self) -> None:
        later = replace(GONE_BACK, backoff=BackOff(1, ago(1)), changes=(_aged(GONE_BACK), LINE))
        verdict = planned(
            view(injected("web-1", BACK), WELL, status=later), around(using(nginx=740))
        )
        assert isinstance(verdict.action, Write) and verdict.action.status.size
        assert verdict.standing.reason is Reason.DOUBLED
        assert verdict.action.status.size.apply is Apply.ALL

    def test_a_hand_is_not_tried_again_before(self) -> None:
        seen = view(
            injected("web-1", BACK), WELL, status=GONE_BACK, by_hand=[hand(cpu=(500, 1000))]
        )
        assert planned(seen, CALM).standing.reason is Reason.ROLLED_BACK
        later = replace(GONE_BACK, backoff=BackOff(1, ago(1)))
        seen = replace(seen, podsize=replace(_podsize(seen), status=later))
        assert planned(seen, CALM).standing.reason is Reason.MANUAL

    def test_one_that_was_edited_since_is(self) -> None:
        seen = view(injected("web-1", BACK), WELL, status=GONE_BACK, by_hand=[hand(cpu=(400, 800))])
        edited = replace(_podsize(seen), generation=2)
        verdict = planned(replace(seen, podsize=edited), CALM)
        assert isinstance(verdict.action, Write)
        assert verdict.standing.reason is Reason.MANUAL

    def test_an_edited_manifest_is_heard_at_once(self) -> None:
        came = {"nginx": size((300, 600))}
        seen = view(
            *(injected(f"web-{i}", BACK, came) for i in (1, 2)), status=GONE_BACK, whose=owner(came)
        )
        assert planned(seen, CALM).standing.reason is Reason.MANIFEST_CHANGED

    def test_healthy_pods_keep_the_newer_size(self) -> None:
        seen = view(injected("web-1", BACK), WELL, status=GONE_BACK)
        for _ in range(3):
            verdict = planned(seen, CALM)
            assert taken(verdict) is None
            seen = carried_out(seen, verdict)

    def test_that_the_old_size_works_forgives_nothing(self) -> None:
        seen = view(injected("web-1", BACK), injected("web-2", BACK), status=GONE_BACK)
        seen = carried_out(seen, planned(seen, CALM))
        status = _podsize(seen).status
        assert status.last_good == BACK
        assert status.backoff == GONE_BACK.backoff

    def test_that_a_new_one_works_forgives_everything(self) -> None:
        newer = replace(LARGE, revision=5)
        line = replace(LINE, revision=5)
        status = replace(
            STATUS, size=newer, changes=(line, LINE), backoff=BackOff(2, ago(1)), last_good=BACK
        )
        seen = view(injected("web-1", newer), injected("web-2", newer), status=status)
        seen = carried_out(seen, planned(seen, CALM))
        assert _podsize(seen).status.backoff == BackOff()


def test_the_pods_are_looked_at_afresh_before_a_size_is_blamed() -> None:
    """Found on the real cluster: a watch that fell silent showed a pod as it had started."""
    seen = view(looping(SICK), WELL, status=STATUS)
    verdict = planned(seen, CALM)
    assert isinstance(verdict.action, Write) and verdict.action.blames
    assert still(seen, verdict, CALM, [looping(SICK), WELL])
    assert not still(seen, verdict, CALM, [SICK, WELL])


def test_a_pod_in_need_that_is_ready_by_now_is_not_taken_as_if_it_were() -> None:
    """Nothing holds back what mends a pod: it would pass the cluster's budget by."""
    newer = replace(LARGE, revision=4, containers=SMALL.containers)
    seen = view(looping(SICK), WELL, status=replace(STATUS, size=newer))
    verdict = planned(seen, CALM)
    assert isinstance(verdict.action, Evict) and verdict.action.mends
    assert still(seen, verdict, CALM, [looping(SICK), WELL])
    again = planned(view(SICK, WELL, status=replace(STATUS, size=newer)), CALM)
    assert isinstance(again.action, Evict) and again.action.uid == verdict.action.uid
    assert not still(seen, verdict, CALM, [SICK, WELL])


def test_from_the_first_crash_to_rest() -> None:
    seen = view(looping(SICK), WELL, status=STATUS)
    names = []
    for _ in range(6):
        verdict = planned(seen, CALM)
        names.append(type(verdict.action).__name__)
        seen = carried_out(seen, verdict)
    assert names[:2] == ["Write", "Evict"] and names[-1] == "Wait"
    assert WELL in seen.pods and all(p.ready for p in seen.pods)
    status = _podsize(seen).status
    assert (status.phase, status.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
    assert status.restarts.count == 1


def _aged(status: Status) -> Change:
    return replace(status.changes[0], at=ago(400))


def _podsize(seen: View) -> PodSize:
    assert seen.podsize is not None
    return seen.podsize
