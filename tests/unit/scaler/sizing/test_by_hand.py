"""Sizes by hand: used as they are or refused, never altered, and handed back when removed."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import Bounds, Settings
from scaler.cluster import manifest
from scaler.cluster.view import View
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.sizing.vetting import Ceiling
from store.injection import inject
from store.model import ContainerSize, Resources, Size, Sizes, Status, StoredSize
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import (
    DOUBLED,
    LONG_AGO,
    MI,
    NGINX,
    NOW,
    asked,
    hand,
    injected,
    owner,
    pod,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import ceiling, using

R = Reason
GUARANTEED = {"nginx": size((500, 500), (64, 64))}


def decided(seen: View, usage: Any = None, above: Ceiling | None = None) -> Decided:
    assert isinstance(seen.settings, Settings)
    return decide(seen, seen.settings, Watched(usage or using(), NOW), above or ceiling())


def with_hands(
    *hands: ContainerSize,
    has: Sizes = NGINX,
    annotations: Mapping[str, str] | None = None,
) -> View:
    pods = [pod("a", has), pod("b", has)]
    return view(*pods, by_hand=hands, whose=owner(has), settings=asked(**(annotations or {})))


TAKEN = [
    ("both of cpu", hand(cpu=(300, 600)), size((300, 600))),
    ("memory", hand(memory=(100, 200)), size(memory=(100, 200))),
    ("everything", hand(cpu=(100, 100), memory=(1, 2)), size((100, 100), (1, 2))),
    ("the request alone", hand(cpu=(400, None)), size((400, 500))),
    ("the limit alone", hand(cpu=(None, 900)), size((250, 900))),
    ("a limit below the request", hand(cpu=(None, 100)), size((100, 100))),
]


@pytest.mark.parametrize(
    ("name", "given", "wanted"), TAKEN, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_size_by_hand_is_stored_as_it_stands(
    name: str, given: ContainerSize, wanted: Size
) -> None:
    got = decided(with_hands(given))
    assert inject(got.size, NGINX) == {"nginx": wanted}
    assert got.reason is Reason.MANUAL and got.message.startswith("by hand, nginx: ")


def ranged(**item: Any) -> Ceiling:
    found = {"metadata": {"name": "most"}, "spec": {"limits": [{"type": "Container", **item}]}}
    return ceiling(ranges=[msgspec.convert(found, objects.LimitRange)])


REFUSED = [
    ("an unknown container", hand("ngnix", cpu=(1, 1)), {}, None, R.UNSUPPORTED),
    ("a request above the limit in force", hand(cpu=(600, None)), {}, None, R.AT_MAXIMUM),
    ("above cpu-max", hand(cpu=(100, 900)), {"cpu_max": "800m"}, None, R.AT_MAXIMUM),
    ("above memory-max", hand(memory=(100, 300)), {"memory_max": "200Mi"}, None, R.AT_MAXIMUM),
    (
        "above the cluster's",
        hand(memory=(100, 300)),
        {},
        ceiling(maxima=Bounds(memory_max=200 * MI)),
        R.AT_MAXIMUM,
    ),
    (
        "refused by a LimitRange",
        hand(cpu=(100, 900)),
        {},
        ranged(max={"cpu": "800m"}),
        R.LIMIT_RANGE,
    ),
    ("fits no node", hand(cpu=(100, 900)), {}, ceiling(fits=lambda s: "full"), R.NO_NODE_FITS),
]


@pytest.mark.parametrize(
    ("name", "given", "annotations", "above", "reason"), REFUSED, ids=[r[0] for r in REFUSED]
)
def test_a_size_by_hand_is_refused_with_the_reason(
    name: str, given: ContainerSize, annotations: dict[str, str], above: Ceiling, reason: Reason
) -> None:
    got = decided(with_hands(given, annotations=annotations), above=above)
    assert (got.size, got.reason, got.refused) == (None, reason, True)


@pytest.mark.parametrize(
    ("has", "given"),
    [
        (GUARANTEED, hand(cpu=(250, 500))),
        ({"nginx": size((250, 500), (64, 64))}, hand(cpu=(500, None))),
        ({"nginx": Size()}, hand(cpu=(100, None))),
    ],
    ids=["Guaranteed", "to Guaranteed", "BestEffort"],
)
def test_the_qos_class_is_never_changed_by_hand(has: Sizes, given: ContainerSize) -> None:
    got = decided(with_hands(given, has=has))
    assert (got.size, got.reason) == (None, Reason.QOS_CLASS)


def test_after_limits_none_a_size_by_hand_must_keep_the_class_in_force() -> None:
    """Removing the limit made it Burstable, as asked: a memory size changes nothing else."""
    size = stored(1, {"nginx": Size(Resources(500), Resources(None))}, came=GUARANTEED)
    seen = view(
        injected("a", size, GUARANTEED),
        status=Status(size=size),
        by_hand=[hand(memory=(32, 64))],
        settings=asked(limits="none"),
        whose=owner(GUARANTEED),
    )
    assert decided(seen).reason is Reason.MANUAL


def test_two_sizes_by_hand_are_both_refused_where_one_is_impossible() -> None:
    has = {**NGINX, "side": size()}
    seen = with_hands(hand(cpu=(300, 600)), hand("side", cpu=(9, 1)), has=has)
    assert decided(seen).size is None


def refused_memory(by_hand: ContainerSize) -> View:
    old = stored()
    return view(injected("a", old), status=Status(size=old), by_hand=[by_hand], whose=owner())


def test_a_refused_size_by_hand_leaves_what_it_names_as_it_is() -> None:
    seen = refused_memory(hand(cpu=(900, 500)))
    got = decided(seen, using(nginx=990))
    assert got.size == stored()
    assert [d.resource for d in got.decisions] == ["memory"]
    assert (got.reason, got.refused) == (Reason.AT_MAXIMUM, True)


def test_a_refused_size_by_hand_stops_the_policy_nowhere_else() -> None:
    seen = refused_memory(hand(memory=(300, 200)))
    got = decided(seen, using(nginx=990))
    assert got.size and got.size.containers[0].size.limits.cpu == 2000
    assert (got.reason, got.refused) == (Reason.DOUBLED, True)
    assert got.size.containers[0].size.limits.memory == stored().containers[0].size.limits.memory
    calm = decided(seen, using(nginx=10))
    assert (calm.size, calm.reason, calm.refused) == (stored(), Reason.AT_MAXIMUM, True)


def by_hand_in_force() -> StoredSize:
    had = ContainerSize(
        "nginx", Size(Resources(None, 100 * MI), Resources(None, 200 * MI)), NGINX["nginx"]
    )
    return replace(stored(), containers=(had,))


def test_a_size_by_hand_that_is_in_force_is_not_vetted_again() -> None:
    """Else a node that goes would turn a settled workload into a blocked one."""
    old = by_hand_in_force()
    seen = view(injected("a", old), status=Status(size=old), by_hand=[hand(memory=(100, 200))])
    got = decided(seen, using(nginx=10), ceiling(fits=lambda s: "full"))
    assert (got.size, got.reason, got.refused) == (old, Reason.IN_BOUNDS, False)


def test_a_size_by_hand_wins_over_the_policy_for_what_it_names() -> None:
    seen = with_hands(hand(cpu=(300, 600)))
    got = decided(seen, using(nginx=499))
    assert inject(got.size, NGINX) == {"nginx": size((300, 600))}
    assert [d.resource for d in got.decisions] == ["memory"]


def test_a_size_by_hand_leaves_to_the_policy_what_it_does_not_name() -> None:
    got = decided(with_hands(hand(memory=(100, 200))), using(nginx=499))
    assert inject(got.size, NGINX) == {"nginx": size((500, 1000), (100, 200))}


def test_the_resources_annotation_limits_the_policy_and_not_sizes_by_hand() -> None:
    got = decided(with_hands(hand(memory=(100, 200)), annotations={"resources": "cpu"}))
    assert inject(got.size, NGINX) == {"nginx": size(memory=(100, 200))}


def test_removing_a_size_by_hand_gives_memory_back_to_the_manifest() -> None:
    old = by_hand_in_force()
    line = Change(LONG_AGO, 1, "nginx", "memory", "128Mi", "200Mi", Reason.MANUAL)
    settled = view(injected("a", old), status=Status(size=old, changes=(line,)))
    assert decided(settled).size == old
    assert settled.podsize
    got = decided(replace(settled, podsize=replace(settled.podsize, generation=2)))
    assert got.reason is Reason.MANUAL
    assert got.message == "handed back, nginx: memory 200Mi to 128Mi"
    assert got.size and (got.size.revision, got.size.containers) == (2, ())


def test_removing_a_size_by_hand_leaves_cpu_to_the_policy() -> None:
    """It stays until the policy decides, and the policy goes on from there."""
    old = stored()
    seen = view(injected("a", old), status=Status(size=old))
    assert decided(seen).size == old
    assert inject(decided(seen, using(nginx=990)).size, NGINX) == {"nginx": size((1000, 2000))}


def test_a_size_by_hand_keeps_what_was_edited_as_a_new_revision() -> None:
    """Pods of the edit bear the old revision with their own values: they would look rewritten."""
    came = {"nginx": size((300, 600))}
    old = stored(3)
    pods = [injected("a", old, came), injected("b", old, came)]
    seen = view(*pods, by_hand=[hand(cpu=(500, 1000))], whose=owner(came), status=Status(size=old))
    got = decided(seen)
    assert got.size == stored(4, came=came)
    assert inject(got.size, came) == {"nginx": DOUBLED}


def test_a_size_by_hand_as_the_manifest_has_it_changes_nothing() -> None:
    got = decided(with_hands(hand(cpu=(250, 500))))
    assert (got.size, got.reason) == (None, Reason.MANUAL)


@pytest.mark.parametrize(
    ("annotations", "wanted", "wish"),
    [
        ({"mode": "initial"}, True, True),
        ({"mode__nginx": "off"}, False, False),
        ({"mode__nginx": "observe"}, False, True),
    ],
    ids=["initial", "off", "observe"],
)
def test_a_size_by_hand_needs_a_mode_that_acts(
    annotations: dict[str, str], wanted: bool, wish: bool
) -> None:
    got = decided(with_hands(hand(cpu=(300, 600)), annotations=annotations))
    assert (got.size is not None, bool(got.wish)) == (wanted, wish)


def test_init_and_injected_containers_may_be_named_by_hand() -> None:
    has = {**NGINX, "setup": size((100, 100))}
    pods = [pod("a", has, init={"setup": {}})]
    seen = view(*pods, by_hand=[hand("setup", cpu=(200, 200))], whose=owner(NGINX))
    assert inject(decided(seen).size, has)["setup"] == size((200, 200))


def test_a_doubling_and_a_size_by_hand_are_one_change() -> None:
    seen = with_hands(hand(memory=(100, 200)))
    got = decided(seen, using(nginx=499))
    assert got.size and got.size.revision == 1
    assert got.after == {
        "nginx": replace(
            DOUBLED, requests=Resources(500, 100 * MI), limits=Resources(1000, 200 * MI)
        )
    }


LATER = {**GUARANTEED, "proxy": Size()}
ARRIVED = [("stamped without it", {"stamp_of": (0, GUARANTEED)}), ("without a stamp", {})]


@pytest.mark.parametrize(("name", "more"), ARRIVED, ids=[a[0] for a in ARRIVED])
def test_a_container_that_others_add_later_does_not_hide_a_change_of_class(
    name: str, more: dict[str, Any]
) -> None:
    """The webhook sees a Guaranteed pod, which is Burstable once the proxy is there."""
    seen = view(pod("a", LATER, **more), by_hand=[hand(cpu=(250, 500))], whose=owner(GUARANTEED))
    got = decided(seen, above=replace(ceiling(), arriving=manifest.arriving(seen)))
    assert (got.size, got.reason, got.refused) == (None, Reason.QOS_CLASS, True)
    assert got.message == "by hand: the pod would be Burstable instead of Guaranteed"


def test_a_container_that_is_added_before_counts() -> None:
    came = (0, LATER)
    seen = view(
        pod("a", LATER, stamp_of=came), by_hand=[hand(cpu=(250, 500))], whose=owner(GUARANTEED)
    )
    got = decided(seen, above=replace(ceiling(), arriving=manifest.arriving(seen)))
    assert got.reason is Reason.MANUAL
