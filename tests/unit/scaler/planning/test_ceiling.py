"""What no size may exceed, by what is asked of nodes, quotas and kubelets: ceiling.py."""

from msgspec.structs import replace

from scaler.annotations.options import Bounds, Settings
from scaler.feasibility.rescheduling import Places
from scaler.planning.ceiling import ceiling
from scaler.resizing.resize_case import Refused
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, pod, view
from tests.unit.scaler.cycles import context

SIZES = {"nginx": DOUBLED}
SEEN = view(pod("a"), pod("b"))
assert isinstance(SEEN.settings, Settings)
WANTED = SEEN.settings


def test_the_cluster_s_maxima_are_part_of_it() -> None:
    got = ceiling(SEEN, WANTED, context(maxima=Bounds(cpu_max=700)), SEEN)
    assert got.maxima.cpu_max == 700


def test_room_is_asked_for_on_some_node() -> None:
    full = context(obstacle="no node has room")
    assert ceiling(SEEN, WANTED, full, SEEN).fits(SIZES) == "no node has room"
    assert ceiling(SEEN, WANTED, context(), SEEN).fits(SIZES) is None


def test_quotas_count_every_pod_of_the_workload_that_stays() -> None:
    asked_about = []

    def quota(whose: object, pods: object, sizes: object) -> str:
        asked_about.append((whose, pods, sizes))
        return "the quota is full"

    got = ceiling(SEEN, WANTED, context(quota=quota), SEEN)
    assert got.quota(SIZES) == "the quota is full"
    assert asked_about == [(SEEN, [*SEEN.pods], SIZES)]


def test_a_running_pod_gets_nothing_in_place_where_one_may_not_be_resized_or_has_no_room() -> None:
    may = context(unresizable=lambda view, uid: None)
    refused = context(unresizable=lambda view, uid: Refused("a policy says no", Reason.REFUSED))
    cramped = replace(may, places=Places(in_place=lambda pods, sizes: "its node is full"))
    in_place = [
        ceiling(SEEN, WANTED, each, SEEN).in_place(SIZES) for each in (may, refused, cramped)
    ]
    assert in_place == [None, "a policy says no", "its node is full"]
