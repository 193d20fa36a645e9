"""A pod is on record as replaced before anything is done to it."""

from typing import Any

from msgspec.structs import replace

from kube import timestamps
from scaler.model import Evict, Wait
from scaler.planning import claim
from scaler.replacement.candidate import Next
from scaler.resizing.resize_case import Way
from store.model import Apply, Phase, Resources, Sizes, Status
from store.reasons import Reason
from store.records import PodCount
from tests.unit.scaler.builders import DOUBLED, NGINX, NOW, pod, size, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned
from tests.unit.scaler.resized import FAILING, resized
from tests.unit.scaler.statuses import SETTLED

SEEN = view(
    pod("a"),
    pod("b"),
    status=replace(SETTLED, phase=Phase.APPLYING, last_good=None, pods=PodCount(2, 0)),
)


def test_the_claim_is_on_record_before_the_pod_is_replaced() -> None:
    action = planned(SEEN).action
    assert isinstance(action, Evict)
    assert (action.pod, action.uid, action.size) == ("a", "uid-a", stored())
    assert action.status.restarts.count == 1
    assert action.status.restarts.hour == timestamps.hour(NOW)
    assert (action.status.phase, action.status.reason) == (
        Phase.APPLYING,
        Reason.PENDING_REPLACEMENT,
    )


def test_a_replacement_bears_the_reason_of_the_change() -> None:
    assert planned(SEEN).standing.reason is Reason.DOUBLED


def test_the_wait_for_a_replacement_is_written_once() -> None:
    after = carried_out(SEEN, planned(SEEN))
    coming = replace(after, pods=(after.pods[0],))
    first = planned(coming)
    assert first.in_flight and first.standing.reason is Reason.PENDING_REPLACEMENT
    coming = carried_out(coming, first)
    assert isinstance(planned(coming).action, Wait)


def test_all_pods_end_with_the_size_and_it_becomes_the_last_good_one() -> None:
    seen = SEEN
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


def test_restarts_of_another_hour_do_not_count() -> None:
    later = context(now=NOW + 3600)
    action = planned(carried_out(SEEN, planned(SEEN)), later).action
    assert isinstance(action, Evict) and action.status.restarts.count == 1


def test_a_pod_must_fit_with_what_it_will_get() -> None:
    asked_for = []

    def obstacle(pods: Any, sizes: Sizes) -> None:
        asked_for.append((len(pods), sizes["nginx"].requests))

    cycle = replace(context(), obstacle=obstacle)
    assert isinstance(planned(SEEN, cycle).action, Evict)
    assert asked_for == [(2, Resources(500, 64 * 1024**2))]


def test_a_resize_names_just_the_containers_that_change_and_claims_nothing() -> None:
    sizes = {"nginx": size(), "side": size()}
    made = resized("a", sizes, sizes, generation=1, stamp_of=(1, sizes))
    seen = view(made, status=Status(size=stored(2, came=sizes)))
    asked = claim.resize(seen, Next(made, Phase.APPLYING, None, in_place=Way.RESIZE))
    assert asked is not None and asked.sizes == {"nginx": DOUBLED} and not asked.withdraws
    assert claim.resize(seen, Next(made, Phase.APPLYING, None)) is None
    assert claim.resize(seen, Next(None, Phase.APPLYING, None, in_place=Way.WAIT)) is None


def test_a_resize_is_withdrawn_by_asking_for_what_the_pod_has() -> None:
    made = resized("a", {"nginx": DOUBLED}, NGINX, FAILING, stamp_of=(1, NGINX))
    seen = view(made, status=Status(size=stored(3, apply=Apply.NEW)))
    asked = claim.resize(seen, Next(made, Phase.APPLYING, None, in_place=Way.WITHDRAW))
    assert asked is not None and asked.sizes == NGINX and asked.withdraws
