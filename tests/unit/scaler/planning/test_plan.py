"""One cycle of one workload: what plan.py, apply.py and summary.py make of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from kube import timestamps
from scaler.annotations.options import BadAnnotation
from scaler.cluster.view import View
from scaler.model import Adopt, Create, Evict, Wait, Write
from scaler.planning.plan import plan
from scaler.replacement.candidate import RestartLimits
from scaler.status import change_log
from store.injection import inject
from store.model import BackOff, Change, ContainerSize, Phase, PodCount, Resources, Sizes, Status
from store.reasons import Reason
from tests.unit.scaler.builders import (
    DOUBLED,
    NGINX,
    NOW,
    OWNER,
    around,
    asked,
    carried_out,
    hand,
    injected,
    owner,
    planned,
    pod,
    podsize,
    size,
    stored,
    using,
    view,
)

HOT = around(using(nginx=480))
R = Reason


def line(revision: int, reason: Reason = Reason.DOUBLED, age: float = 900) -> Change:
    return Change(timestamps.text(NOW - age), revision, "nginx", "cpu", "500m", "1", reason)


def status_of(seen: View, cycle: Any = None) -> Status:
    """What is written."""
    action = planned(seen, cycle).action
    assert isinstance(action, Write | Evict), action
    return action.status


class TestWhatIsNotOurs:
    def test_a_workload_that_is_gone_needs_nothing(self) -> None:
        assert plan(replace(view(), owner=None), around()) is None

    def test_nor_does_one_that_left_before_it_had_a_podsize(self) -> None:
        assert plan(replace(view(settings=None), podsize=None), HOT) is None

    @pytest.mark.parametrize("settings", [None, asked(mode="off")], ids=["removed", "off"])
    def test_who_leaves_gets_the_manifest_back_for_new_pods(self, settings: Any) -> None:
        old = Status(
            size=stored(),
            last_good=stored(),
            backoff=BackOff(2, timestamps.text(NOW + 60)),
            changes=(line(1),),
            wish=(hand(cpu=(1, 1)),),
        )
        seen = view(injected("a", stored()), settings=settings, status=old)
        verdict = planned(seen, HOT)
        assert isinstance(verdict.action, Write)
        new = verdict.action.status
        assert (new.size, new.wish, new.backoff, new.conditions) == (None, (), BackOff(), ())
        assert (new.phase, new.reason) == (Phase.SETTLED, Reason.OPTED_OUT)
        assert new.highest_revision == 1
        assert isinstance(planned(carried_out(seen, verdict)).action, Wait)

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

    def test_another_typo_is_told(self) -> None:
        seen = view(settings=BadAnnotation("one; two"))
        seen = carried_out(seen, planned(seen))
        assert isinstance(planned(seen).action, Wait)
        assert status_of(replace(seen, settings=BadAnnotation("two"))).message == "two"

    def test_a_typo_before_there_is_a_podsize_is_only_told(self) -> None:
        seen = replace(view(settings=BadAnnotation("x")), podsize=None)
        verdict = planned(seen)
        assert isinstance(verdict.action, Wait) and verdict.standing.reason is R.BAD_ANNOTATION

    @pytest.mark.parametrize(
        ("whose", "foreign", "told"),
        [
            (owner(), True, "its controller is not a Deployment"),
            (owner(template={"resources": {}}), False, "resources at pod level"),
            (
                owner(template={"resources": {"limits": {"cpu": 1}}}),
                False,
                "resources at pod level",
            ),
            (owner(template={"os": {"name": "windows"}}), False, "a Windows pod"),
            (
                owner(template={"nodeSelector": {"kubernetes.io/os": "windows"}}),
                False,
                "a Windows pod",
            ),
        ],
        ids=["foreign", "empty pod level", "pod level", "windows", "windows by selector"],
    )
    def test_what_cannot_be_sized_is_left_alone(self, whose: Any, foreign: bool, told: str) -> None:
        for kept in (podsize(), None):
            seen = view(whose=whose, foreign=foreign, kept=kept)
            verdict = planned(seen, HOT)
            assert (verdict.standing.reason, verdict.standing.message) == (R.UNSUPPORTED, told)
            assert not isinstance(verdict.action, Create | Evict)


class TestTheStore:
    def test_an_enrolled_workload_gets_a_podsize(self) -> None:
        seen = replace(view(), podsize=None)
        assert planned(seen, HOT).action == Create(seen.workload, OWNER)

    def test_one_that_people_made_is_owned_first(self) -> None:
        kept = replace(podsize(by_hand=[hand(cpu=(1, 2))]), owned=False)
        seen = view(kept=kept)
        assert planned(seen, HOT).action == Adopt(seen.workload, OWNER)

    def test_where_no_webhook_can_be_asked_nothing_is_done(self) -> None:
        seen = view(pod("a"), pod("b"), status=Status(size=stored()))
        verdict = planned(seen, around(using(nginx=480), webhook="the entry is missing"))
        assert isinstance(verdict.action, Write) and verdict.action.status.size == stored()
        assert verdict.standing.reason is Reason.WEBHOOK_UNVERIFIED
        observed = planned(replace(seen, settings=asked(mode="observe")), around(webhook="missing"))
        assert observed.standing.reason is Reason.OBSERVING

    def test_a_new_size_is_written_alone_and_with_its_history(self) -> None:
        new = status_of(view(), HOT)
        assert new.size == stored(1, stamped=False)
        assert (new.phase, new.reason) == (Phase.APPLYING, Reason.DOUBLED)
        assert new.message == "nginx used 480m of 500m for 60 s"
        assert new.pods == PodCount(2, 0)
        at = timestamps.text(NOW)
        assert new.changes == (Change(at, 1, "nginx", "cpu", "500m", "1", Reason.DOUBLED),)

    def test_only_the_write_of_what_was_read(self) -> None:
        action = planned(view(), HOT).action
        assert isinstance(action, Write) and action.resource_version == "7"

    def test_the_history_has_twenty_lines_at_most_newest_first(self) -> None:
        old = Status(size=stored(40), changes=tuple(line(40 - i) for i in range(20)))
        seen = view(injected("a", stored(40)), injected("b", stored(40)), status=old)
        new = status_of(seen, around(using(nginx=990)))
        assert [c.revision for c in new.changes] == [41, *range(40, 21, -1)]

    def test_its_time_is_that_of_its_write(self) -> None:
        """Found by simulation: a call that hung before it made a pod look as if it came after."""
        new, old = line(4), replace(line(3), at=timestamps.text(NOW - 90))
        made = change_log.dated(Status(changes=(new, old)), Status(changes=(old,)), NOW + 60)
        assert made.changes == (replace(new, at=timestamps.text(NOW + 60)), old)

    def test_an_edited_manifest_goes_into_the_history(self) -> None:
        came = {"nginx": size((500, 1000))}
        pods = [injected("a", stored(), came), injected("b", stored(), came)]
        seen = view(*pods, whose=owner(came), status=Status(size=stored(), changes=(line(1),)))
        new = status_of(seen)
        assert (new.reason, new.size and new.size.revision) == (Reason.MANIFEST_CHANGED, 2)
        assert new.changes[0] == Change(
            timestamps.text(NOW), 2, "nginx", "cpu", "1", "1", Reason.MANIFEST_CHANGED
        )
        assert new.message == "the manifest's cpu of nginx was edited and is in force"

    def test_a_container_that_went_goes_into_the_history(self) -> None:
        two = {**NGINX, "side": size()}
        old = stored(1, {"nginx": DOUBLED, "side": DOUBLED}, came=two)
        seen = view(injected("a", old), status=Status(size=old), whose=owner())
        new = status_of(seen)
        assert new.changes == (
            Change(timestamps.text(NOW), 2, "side", "cpu", "1", None, Reason.MANIFEST_CHANGED),
        )
        assert new.message == "the manifest has no longer: side"

    def test_a_hand_and_a_step_have_each_its_reason(self) -> None:
        new = status_of(view(by_hand=[hand(memory=(100, 200))]), HOT)
        assert [(c.resource, c.before, c.after, c.reason) for c in new.changes] == [
            ("cpu", "500m", "1", Reason.DOUBLED),
            ("memory", "128Mi", "200Mi", Reason.MANUAL),
        ]

    def test_a_relearnt_basis_is_a_new_revision(self) -> None:
        """Pods with another basis got nothing: at the same revision they look rewritten."""
        real = {"nginx": size((200, 400))}
        old = stored(1, stamped=False)
        newest = pod("b", real, stamp_of=(1, real), created="2026-11-23T20:00:00Z")
        seen = view(injected("a", old), newest, status=Status(size=old, changes=(line(1),)))
        new = status_of(seen)
        assert new.size and (new.size.revision, new.size.stamped) == (2, True)
        assert inject(new.size, real) == {"nginx": DOUBLED}
        assert (new.phase, new.reason) == (Phase.APPLYING, Reason.DOUBLED)
        assert planned(carried_out(seen, planned(seen))).standing.reason is not Reason.REWRITTEN

    def test_a_confirmed_basis_is_noted_without_a_new_revision(self) -> None:
        old = stored(1, stamped=False)
        seen = view(injected("a", old), injected("b", old), status=Status(size=old))
        assert status_of(seen).size == stored(1)


class TestWhoOnlyWatches:
    def test_observing_changes_nothing_but_the_wish(self) -> None:
        seen = view(settings=asked(mode="observe"))
        new = status_of(seen, HOT)
        assert new.size is None
        assert [(c.name, c.size) for c in new.wish] == [("nginx", DOUBLED)]
        assert (new.phase, new.reason) == (Phase.OBSERVING, Reason.OBSERVING)
        assert new.message == "would be Doubled: nginx used 480m of 500m for 60 s"

    def test_it_takes_no_pod_of_a_change_that_was_begun(self) -> None:
        seen = view(
            pod("a"), pod("b"), settings=asked(mode="observe"), status=Status(size=stored())
        )
        new = status_of(seen)
        assert new.size == stored() and [c.name for c in new.wish] == ["nginx"]

    def test_a_wish_does_not_flicker_around_the_threshold(self) -> None:
        seen = view(settings=asked(mode="observe"))
        seen = carried_out(seen, planned(seen, HOT))
        for used in (449, 451, 440, 401, 460):
            assert isinstance(planned(seen, around(using(nginx=used))).action, Wait), used
        assert status_of(seen, around(using(nginx=399))).wish == ()

    def test_paused_keeps_the_size_and_tells_what_would_be(self) -> None:
        seen = view(settings=asked(paused="true"))
        new = status_of(seen, HOT)
        assert (new.size, new.phase, new.reason) == (None, Phase.BLOCKED, Reason.PAUSED)
        assert [c.name for c in new.wish] == ["nginx"]
        assert "would be Doubled" in new.message

    def test_a_dry_run_of_everything_does_the_same(self) -> None:
        cycle = around(using(nginx=480), limits=RestartLimits(paused="scaler.dryRun is set"))
        new = status_of(view(), cycle)
        assert (new.size, new.reason) == (None, Reason.PAUSED)
        assert new.message.startswith("scaler.dryRun is set; ")

    def test_paused_with_nothing_to_do_has_nothing_to_say(self) -> None:
        assert status_of(view(settings=asked(paused="true"))).reason is Reason.IN_BOUNDS

    def test_a_wish_is_gone_once_it_is_fulfilled(self) -> None:
        seen = view(status=Status(wish=(ContainerSize("nginx", DOUBLED),)))
        assert status_of(seen, HOT).wish == ()


SETTLED = Status(
    size=stored(),
    last_good=stored(),
    phase=Phase.SETTLED,
    reason=Reason.DOUBLED,
    message="nginx used 480m of 500m for 60 s",
    pods=PodCount(2, 2),
    changes=(line(1),),
)


def settled(status: Status = SETTLED, **more: Any) -> View:
    seen = view(injected("a", stored()), injected("b", stored()), status=status, **more)
    return carried_out(seen, planned(seen, around(using(nginx=100))))


class TestWhatIsTold:
    @pytest.mark.parametrize(
        ("usage", "told"),
        [
            (100, R.DOUBLED),
            (R.WARMING_UP, R.DOUBLED),
            (R.NO_USAGE, R.NO_USAGE),
            (R.STALE_USAGE, R.STALE_USAGE),
        ],
    )
    def test_the_last_change_stays_told_while_all_is_well(self, usage: Any, told: Reason) -> None:
        assert planned(settled(), around(using(nginx=usage))).standing.reason is told

    def test_the_cooldown_is_no_news(self) -> None:
        seen = settled(replace(SETTLED, changes=(line(1, age=30),)))
        assert isinstance(planned(seen, around(using(nginx=990))).action, Wait)

    @pytest.mark.parametrize("reason", [R.IN_BOUNDS, R.AT_MAXIMUM, R.NO_NODE_FITS])
    def test_warming_up_after_our_restart_is_no_news(self, reason: Reason) -> None:
        """Else a restart of the scaler would be two writes for each workload of the cluster."""
        status = Status(phase=Phase.SETTLED, reason=reason, pods=PodCount(2, 2))
        seen = view(status=status)
        verdict = planned(seen, around(using(nginx=R.WARMING_UP)))
        assert isinstance(verdict.action, Wait) and verdict.standing.reason is reason

    def test_a_maximum_does_not_flicker_around_the_threshold(self) -> None:
        seen = view(settings=asked(cpu_max="500m"))
        seen = carried_out(seen, planned(seen, HOT))
        for used in (449, 451, 440, 401, 460):
            assert isinstance(planned(seen, around(using(nginx=used))).action, Wait), used
        assert planned(seen, around(using(nginx=399))).standing.reason is R.IN_BOUNDS

    def test_but_a_hand_that_is_mended_is_heard_at_once(self) -> None:
        seen = view(by_hand=[hand(cpu=(500, 400))])
        seen = carried_out(seen, planned(seen, around(using(nginx=440))))
        assert seen.podsize and seen.podsize.status.reason is R.QOS_CLASS
        mended = replace(seen.podsize, by_hand=(), generation=1)
        verdict = planned(replace(seen, podsize=mended), around(using(nginx=440)))
        assert verdict.standing.reason is R.IN_BOUNDS

    def test_a_message_alone_is_no_news(self) -> None:
        seen = view()
        seen = carried_out(seen, planned(seen, around(using(nginx=100))))
        for used in (1, 200, 300):
            assert isinstance(planned(seen, around(using(nginx=used))).action, Wait)

    def test_an_edit_of_the_spec_is_seen(self) -> None:
        seen = settled()
        assert seen.podsize
        edited = replace(seen, podsize=replace(seen.podsize, generation=5))
        assert status_of(edited).observed_generation == 5

    def test_a_block_on_a_size_not_everywhere_speaks_first(self) -> None:
        seen = view(pod("a"), pod("b", ready=False), status=SETTLED, settings=asked(cpu_max="1"))
        assert planned(seen, around(using(nginx=990))).standing.reason is R.NOT_READY

    @pytest.mark.parametrize(
        ("obstacle", "settings", "phase", "reason"),
        [
            ("full", {}, Phase.BLOCKED, R.NO_NODE_FITS),
            (None, {"cpu_max": "500m"}, Phase.SETTLED, R.AT_MAXIMUM),
        ],
        ids=["fits nowhere", "at its maximum"],
    )
    def test_a_step_that_cannot_be(
        self, obstacle: str | None, settings: Mapping[str, str], phase: Phase, reason: Reason
    ) -> None:
        cycle = around(using(nginx=480), obstacle=obstacle)
        told = planned(view(settings=asked(**settings)), cycle).standing
        assert (told.phase, told.reason) == (phase, reason)

    def test_a_refused_hand_is_a_block(self) -> None:
        told = planned(view(by_hand=[hand(cpu=(64000, 64000))]), around(obstacle="full")).standing
        assert (told.phase, told.reason) == (Phase.BLOCKED, R.NO_NODE_FITS)


class TestTakingPods:
    SEEN = view(
        pod("a"),
        pod("b"),
        status=replace(SETTLED, phase=Phase.APPLYING, last_good=None, pods=PodCount(2, 0)),
    )

    def test_the_claim_is_on_record_before_the_pod_is_taken(self) -> None:
        action = planned(self.SEEN).action
        assert isinstance(action, Evict)
        assert (action.pod, action.uid, action.size) == ("a", "uid-a", stored())
        assert action.status.restarts.count == 1
        assert action.status.restarts.hour == timestamps.hour(NOW)
        assert (action.status.phase, action.status.reason) == (
            Phase.APPLYING,
            Reason.PENDING_REPLACEMENT,
        )

    def test_the_act_bears_the_reason_of_the_change(self) -> None:
        assert planned(self.SEEN).standing.reason is Reason.DOUBLED

    def test_the_wait_for_a_replacement_is_written_once(self) -> None:
        after = carried_out(self.SEEN, planned(self.SEEN))
        coming = replace(after, pods=(after.pods[0],))
        first = planned(coming)
        assert first.in_flight and first.standing.reason is Reason.PENDING_REPLACEMENT
        coming = carried_out(coming, first)
        assert isinstance(planned(coming).action, Wait)

    def test_all_pods_end_with_it_and_that_is_the_last_good_size(self) -> None:
        seen = self.SEEN
        for _ in range(5):
            seen = carried_out(seen, planned(seen))
        assert seen.podsize
        status = seen.podsize.status
        assert status.last_good == status.size == stored()
        assert (status.phase, status.reason, status.pods) == (
            Phase.SETTLED,
            Reason.DOUBLED,
            PodCount(2, 2),
        )
        assert status.restarts.count == 2
        assert status.message == "nginx: cpu 500m to 1"

    def test_restarts_of_another_hour_do_not_count(self) -> None:
        later = around(now=NOW + 3600)
        action = planned(carried_out(self.SEEN, planned(self.SEEN)), later).action
        assert isinstance(action, Evict) and action.status.restarts.count == 1

    def test_a_pod_must_fit_with_what_it_will_get(self) -> None:
        asked_for = []

        def obstacle(pods: Any, sizes: Sizes) -> None:
            asked_for.append((len(pods), sizes["nginx"].requests))

        cycle = replace(around(), obstacle=obstacle)
        assert isinstance(planned(self.SEEN, cycle).action, Evict)
        assert asked_for == [(2, Resources(500, 64 * 1024**2))]


class TestConditions:
    @staticmethod
    def of(status: Status) -> dict[str, tuple[str, str]]:
        return {c.type: (c.status, c.reason) for c in status.conditions}

    def test_they_follow_a_change_from_end_to_end(self) -> None:
        seen = view()
        told = []
        for _ in range(6):
            verdict = planned(seen, HOT)
            if isinstance(verdict.action, Write | Evict):
                told.append(self.of(verdict.action.status))
            seen = carried_out(seen, verdict)
        unknown, answered = ("Unknown", "NotAsked"), ("True", "Answered")
        assert told == [
            {"Applied": ("False", "Doubled"), "WebhookVerified": unknown},
            {"Applied": ("False", "PendingReplacement"), "WebhookVerified": answered},
            {"Applied": ("False", "PendingReplacement"), "WebhookVerified": answered},
            {"Applied": ("True", "EveryPod"), "WebhookVerified": answered},
        ]

    def test_a_workload_without_a_size_has_none(self) -> None:
        assert status_of(view()).conditions == ()

    def test_a_missed_pod_disproves_the_webhook(self) -> None:
        late = pod("b", created=timestamps.text(NOW - 9))
        status = replace(SETTLED, changes=(line(1),), last_good=None)
        seen = view(injected("a", stored()), late, status=status)
        assert self.of(status_of(seen))["WebhookVerified"] == ("False", "WebhookUnverified")

    def test_the_time_is_that_of_the_turn(self) -> None:
        seen = view()
        first = planned(seen, HOT)
        seen = carried_out(seen, first)
        later = status_of(seen, around(using(nginx=480), now=NOW + 30))
        times = {c.type: c.last_transition_time for c in later.conditions}
        assert times == {
            "Applied": timestamps.text(NOW),
            "WebhookVerified": timestamps.text(NOW + 30),
        }
