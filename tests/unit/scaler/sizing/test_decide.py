"""The rule `double`, case by case: every row of the contract's table, with target and reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from kube import objects, timestamps
from scaler.annotations.options import Bounds, Settings
from scaler.cluster.pod_sizes import size_of
from scaler.cluster.view import View
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.sizing.vetting import Ceiling
from store.injection import inject
from store.model import Apply, Change, Resources, Size, Sizes, Status
from store.reasons import Reason
from tests.unit.scaler.builders import (
    DOUBLED,
    MI,
    NGINX,
    NOW,
    asked,
    ceiling,
    hand,
    injected,
    owner,
    pod,
    size,
    stored,
    using,
    view,
)


def decided(seen: View, usage: Any, above: Ceiling | None = None, now: float = NOW) -> Decided:
    assert isinstance(seen.settings, Settings)
    return decide(seen, seen.settings, Watched(usage, now), above or ceiling())


def outcome(seen: View, got: Decided) -> dict[str, Size]:
    """What new pods of the manifest would get by the decided size."""
    return inject(got.size, NGINX if len(seen.pods) == 0 else came(seen))


def came(seen: View) -> dict[str, Size]:
    return {c.name: size_of(c.resources) for c in seen.template.containers}


@dataclass(frozen=True)
class Case:
    """`wants` None: nothing is changed."""

    name: str
    has: Sizes
    used: float | Reason
    wants: Sizes | None
    reason: Reason
    asked: Mapping[str, str] = field(default_factory=dict)
    above: Callable[[], Ceiling] = ceiling


def one(cpu: tuple[int | None, int | None], **more: Any) -> dict[str, Size]:
    return {"nginx": size(cpu, **more)}


def fitting(most: int) -> Callable[[], Ceiling]:
    """Nodes on which no request above `most` fits."""
    return lambda: ceiling(
        fits=lambda sizes: "no node has room" if (sizes["nginx"].requests.cpu or 0) > most else None
    )


def at_most(**maxima: int) -> Callable[[], Ceiling]:
    return lambda: ceiling(maxima=Bounds(**maxima))


def ranged(**item: Any) -> Callable[[], Ceiling]:
    found = {"metadata": {"name": "most"}, "spec": {"limits": [{"type": "Container", **item}]}}
    return lambda: ceiling(ranges=[msgspec.convert(found, objects.LimitRange)])


R = Reason
CASES = [
    Case("90 % of its limit", one((250, 500)), 450, one((500, 1000)), R.DOUBLED),
    Case("just below", one((250, 500)), 449.9, None, R.IN_BOUNDS),
    Case("far above: throttled", one((250, 500)), 700, one((500, 1000)), R.DOUBLED),
    Case("the first minute", one((250, 500)), R.WARMING_UP, None, R.WARMING_UP),
    Case("no reading", one((250, 500)), R.NO_USAGE, None, R.NO_USAGE),
    Case("an old reading", one((250, 500)), R.STALE_USAGE, None, R.STALE_USAGE),
    Case("limit only", one((None, 500)), 470, one((1000, 1000)), R.DOUBLED),
    Case("request only", one((250, None)), 230, one((500, None)), R.DOUBLED),
    Case("request only, below", one((250, None)), 224, None, R.IN_BOUNDS),
    Case("neither", one((None, None)), 900, None, R.NOTHING_TO_SCALE),
    Case("a request of nothing", one((0, None)), 900, None, R.NOTHING_TO_SCALE),
    Case("twice nothing, `keep`", one((0, 500)), 490, None, R.NOTHING_TO_SCALE, {"limits": "keep"}),
    Case("`keep`", one((200, 500)), 490, one((400, 500)), R.DOUBLED, {"limits": "keep"}),
    Case("`keep`: up to it", one((300, 500)), 490, one((500, 500)), R.DOUBLED, {"limits": "keep"}),
    Case("`keep`: there", one((500, 500)), 490, None, R.AT_MAXIMUM, {"limits": "keep"}),
    Case("`none`: removed", one((250, 500)), 490, one((500, None)), R.DOUBLED, {"limits": "none"}),
    Case("`none`: then", one((500, None)), 480, one((1000, None)), R.DOUBLED, {"limits": "none"}),
    Case("above cpu-max", one((250, 500)), 480, one((400, 800)), R.DOUBLED, {"cpu_max": "800m"}),
    Case("no 10 % below it", one((250, 500)), 480, None, R.AT_MAXIMUM, {"cpu_max": "549m"}),
    Case(
        "just 10 % below it",
        one((250, 500)),
        480,
        one((275, 550)),
        R.DOUBLED,
        {"cpu_max": "550m"},
    ),
    Case("at cpu-max", one((250, 500)), 480, None, R.AT_MAXIMUM, {"cpu_max": "500m"}),
    Case(
        "above the cluster's",
        one((250, 500)),
        480,
        one((300, 600)),
        R.DOUBLED,
        above=at_most(cpu_max=600),
    ),
    Case("at the cluster's", one((250, 500)), 480, None, R.AT_MAXIMUM, above=at_most(cpu_max=500)),
    Case(
        "cpu-max bounds a request without limit",
        one((250, None)),
        240,
        one((300, None)),
        R.DOUBLED,
        {"cpu_max": "300m"},
    ),
    Case(
        "cpu-max bounds the limit that is kept",
        one((100, 500)),
        490,
        None,
        R.AT_MAXIMUM,
        {"limits": "keep", "cpu_max": "400m"},
    ),
    Case("below cpu-min", one((250, 500)), 480, one((1000, 2000)), R.DOUBLED, {"cpu_min": "2"}),
    Case(
        "cpu-min does not fit",
        one((250, 500)),
        480,
        None,
        R.NO_NODE_FITS,
        {"cpu_min": "2"},
        fitting(900),
    ),
    Case("fits no node", one((250, 500)), 480, one((400, 800)), R.DOUBLED, above=fitting(400)),
    Case("no 10 % that fit", one((250, 500)), 480, None, R.NO_NODE_FITS, above=fitting(274)),
    Case(
        "a LimitRange's maximum",
        one((250, 500)),
        480,
        one((350, 700)),
        R.DOUBLED,
        above=ranged(max={"cpu": "700m"}),
    ),
    Case(
        "no 10 % below it",
        one((250, 500)),
        480,
        None,
        R.LIMIT_RANGE,
        above=ranged(max={"cpu": "510m"}),
    ),
    Case(
        "its default would come back",
        one((250, 500)),
        480,
        None,
        R.LIMIT_RANGE,
        {"limits": "none"},
        ranged(default={"cpu": "2"}),
    ),
    Case(
        "`keep` leaves the class",
        {"nginx": size((300, 500), (64, 64))},
        490,
        {"nginx": size((499, 500), (64, 64))},
        R.DOUBLED,
        {"limits": "keep"},
    ),
    Case("Guaranteed stays so", one((500, 500)), 480, one((1000, 1000)), R.DOUBLED),
    Case(
        "`resources: memory`",
        one((250, 500)),
        480,
        None,
        R.NOTHING_TO_SCALE,
        {"resources": "memory"},
    ),
    Case("switched off", one((250, 500)), 480, None, R.NOTHING_TO_SCALE, {"mode__nginx": "off"}),
    Case("`direction: up`", one((250, 500)), 480, one((500, 1000)), R.DOUBLED, {"direction": "up"}),
    Case(
        "its own policy",
        one((250, 500)),
        480,
        one((300, 600)),
        R.DOUBLED,
        {"cpu_max": "550m", "cpu_max__nginx": "600m"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_one_container(case: Case) -> None:
    pods = [pod(f"web-{i}", case.has) for i in (1, 2)]
    seen = view(*pods, settings=asked(**case.asked), whose=owner(case.has))
    got = decided(seen, using(nginx=case.used), case.above())
    assert got.reason is case.reason, got.message
    assert outcome(seen, got) == {**case.has, **(case.wants or {})}
    assert (got.size is None) == (case.wants is None)


def test_one_hot_pod_speaks_for_the_workload() -> None:
    got = decided(view(), using(nginx=10, nginx__web_2=460))
    assert got.size == stored(1, stamped=False)
    assert got.message == "nginx used 460m of 500m for 60 s"


def test_pods_without_a_minute_do_not_hold_back_one_that_is_hot() -> None:
    got = decided(view(), using(nginx=Reason.WARMING_UP, nginx__web_2=460))
    assert got.reason is Reason.DOUBLED


def test_usage_of_pods_at_another_size_says_nothing() -> None:
    seen = view(pod("web-1"), injected("web-2", stored()), status=Status(size=stored()))
    got = decided(seen, using(nginx=Reason.WARMING_UP, nginx__web_1=499))
    assert got.reason is Reason.WARMING_UP and got.size == stored()


def test_usage_of_a_pod_that_is_going_says_nothing() -> None:
    seen = view(pod("web-1", going=True), pod("web-2"))
    assert decided(seen, using(nginx=10, nginx__web_1=499)).reason is Reason.IN_BOUNDS


def test_a_lowered_manifest_is_not_doubled_for_a_pod_of_the_old_one() -> None:
    """Its limit was twice as much: it is not at 90 % of anything."""
    new = one((125, 250))
    old, made = (
        pod("web-1", NGINX),
        pod("web-2", new, stamp_of=(1, new), created="2026-11-23T20:00:00Z"),
    )
    seen = view(old, made, whose=owner(new))
    assert decided(seen, using(nginx=10, nginx__web_1=240)).reason is Reason.IN_BOUNDS


def test_without_pods_nothing_is_known() -> None:
    seen = replace(view(), pods=())
    assert decided(seen, using(nginx=499)).reason is Reason.NO_USAGE


TWO = {"nginx": size(), "side": size((100, 100))}


def test_several_containers_each_on_its_own_in_one_change() -> None:
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO))
    both = decided(seen, using(nginx=480, side=99))
    assert outcome(seen, both) == {"nginx": DOUBLED, "side": size((200, 200))}
    assert both.size and both.size.revision == 1
    alone = decided(seen, using(nginx=480, side=10))
    assert outcome(seen, alone) == {"nginx": DOUBLED, "side": size((100, 100))}


def test_the_container_furthest_from_its_target_speaks() -> None:
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO), settings=asked(cpu_max="500m"))
    got = decided(seen, using(nginx=499, side=10))
    assert (got.reason, got.decisions[1].reason) == (Reason.AT_MAXIMUM, Reason.IN_BOUNDS)
    assert decided(seen, using(nginx=499, side=95)).reason is Reason.DOUBLED


def test_several_containers_must_fit_together() -> None:
    """The second gets what the first has left."""
    above = ceiling(
        fits=lambda s: "full" if sum(c.requests.cpu or 0 for c in s.values()) > 650 else None
    )
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO))
    assert outcome(seen, decided(seen, using(nginx=480, side=99), above)) == {
        "nginx": DOUBLED,
        "side": size((150, 150)),
    }


@pytest.mark.parametrize(
    ("annotations", "wanted"),
    [({}, {}), ({"mode__side": "auto"}, {"side"}), ({"cpu_max__init": "2"}, {"init"})],
    ids=["never", "a container of others, by name", "an init container, by name"],
)
def test_injected_and_init_containers_only_by_name(
    annotations: dict[str, str], wanted: set[str]
) -> None:
    has = {**TWO, "init": size((100, 100))}
    pods = [pod(n, has, init={"init": {}}) for n in ("a", "b")]
    seen = view(*pods, whose=owner(NGINX), settings=asked(**annotations))
    got = decided(seen, using(nginx=10, side=99, init=99))
    assert {c.name for c in got.size.containers} == wanted if got.size else not wanted


def changed(at: float, reason: Reason = Reason.DOUBLED) -> Change:
    return Change(timestamps.text(at), 1, "nginx", "cpu", "500m", "1", reason)


@pytest.mark.parametrize(
    ("age", "reason"),
    [(0, R.COOLDOWN), (119, R.COOLDOWN), (120, R.DOUBLED), (-3600, R.DOUBLED)],
    ids=["at once", "just before two minutes", "two minutes", "the clock stepped back"],
)
def test_a_workload_is_left_alone_for_two_minutes(age: float, reason: Reason) -> None:
    status = Status(size=stored(), changes=(changed(NOW - age),))
    seen = view(injected("a", stored()), injected("b", stored()), status=status)
    got = decided(seen, using(nginx=990))
    assert got.reason is reason
    assert (got.size == stored()) == (reason is R.COOLDOWN)


def test_a_second_step_goes_on_from_the_first() -> None:
    seen = view(injected("a", stored()), injected("b", stored()), status=Status(size=stored()))
    got = decided(seen, using(nginx=990))
    assert outcome(seen, got) == one((1000, 2000))
    assert got.size and got.size.revision == 2


class TestContainersModes:
    """`mode.<container>` differs from the workload's."""

    def test_an_observed_container_is_a_wish(self) -> None:
        seen = view(settings=asked(mode__nginx="observe"))
        got = decided(seen, using(nginx=480))
        assert got.size is None
        assert [(c.name, c.size) for c in got.wish] == [("nginx", DOUBLED)]

    def test_beside_one_that_is_not(self) -> None:
        seen = view(
            pod("a", TWO), pod("b", TWO), whose=owner(TWO), settings=asked(mode__side="observe")
        )
        got = decided(seen, using(nginx=480, side=99))
        assert outcome(seen, got) == {"nginx": DOUBLED, "side": TWO["side"]}
        only = decided(seen, using(nginx=10, side=99))
        assert (only.size, only.reason) == (None, Reason.OBSERVING)
        assert only.message.startswith("would be Doubled: side used 99m")

    def test_what_was_stored_stays_while_it_is_observed(self) -> None:
        seen = view(
            injected("a", stored()),
            status=Status(size=stored()),
            settings=asked(mode__nginx="observe"),
        )
        assert decided(seen, using(nginx=10)).size == replace(stored(), apply=Apply.NEW)

    def test_what_was_stored_goes_when_it_is_switched_off(self) -> None:
        size = stored(1, {"nginx": DOUBLED, "side": Size(Resources(200), Resources(200))}, came=TWO)
        pods = [injected(n, size, TWO) for n in ("a", "b")]
        seen = view(
            *pods, whose=owner(TWO), status=Status(size=size), settings=asked(mode__nginx="off")
        )
        got = decided(seen, using(side=10))
        assert got.reason is Reason.OPTED_OUT
        assert got.message == "no longer ours, nginx: cpu 1 to 500m"
        assert got.size and [c.name for c in got.size.containers] == ["side"]

    @pytest.mark.parametrize(
        ("mode", "apply"), [("initial", Apply.NEW), ("auto", Apply.ALL)], ids=["initial", "auto"]
    )
    def test_the_mode_says_whether_running_pods_are_taken(self, mode: str, apply: Apply) -> None:
        other = Apply.ALL if apply is Apply.NEW else Apply.NEW
        old = stored(apply=other)
        seen = view(injected("a", old), status=Status(size=old), settings=asked(mode=mode))
        assert decided(seen, using()).size == stored(apply=apply)

    def test_a_retreat_keeps_its_healthy_pods(self) -> None:
        old = stored(apply=Apply.NEW)
        status = Status(size=old, reason=Reason.ROLLED_BACK)
        assert decided(view(injected("a", old), status=status), using()).size == old


class TestComingBack:
    """A workload left and came back, or somebody deleted its PodSize."""

    def test_the_store_says_what_the_pods_still_have(self) -> None:
        last = stored(3)
        status = Status(last_good=last, changes=(changed(NOW - 900),))
        seen = view(injected("a", last), injected("b", last), status=status)
        got = decided(seen, using(nginx=10))
        assert got.size == stored(4)
        assert got.reason is Reason.MANUAL

    def test_a_deleted_history_is_read_from_the_pods(self) -> None:
        """Else the revision would be one that pods bear already, with other values."""
        last = stored(7)
        seen = view(injected("a", last), by_hand=[hand(cpu=(300, 600))])
        got = decided(seen, using())
        assert got.size and got.size.revision == 8
        assert outcome(seen, got) == one((300, 600))

    def test_pods_with_the_manifests_values_bring_nothing_back(self) -> None:
        status = Status(last_good=stored(3))
        seen = view(injected("a", None), injected("b", None), status=status)
        assert decided(seen, using(nginx=10)).size is None

    def test_nor_do_pods_that_never_had_a_size_from_us(self) -> None:
        seen = view(pod("a", one((500, 1000)), stamp_of=(0, NGINX)), whose=owner(NGINX))
        assert decided(seen, using(nginx=10)).size is None

    def test_nothing_comes_back_above_a_maximum(self) -> None:
        seen = view(injected("a", stored(3)), settings=asked(cpu_max="800m"))
        assert decided(seen, using(nginx=10)).size is None

    def test_nothing_comes_back_that_could_not_be(self) -> None:
        seen = view(injected("a", stored(3)))
        assert decided(seen, using(nginx=10), ceiling(fits=lambda s: "full")).size is None

    def test_memory_that_only_a_hand_held_does_not_come_back(self) -> None:
        had = {"nginx": size(memory=(256, 256))}
        seen = view(pod("a", had, stamp_of=(2, NGINX)))
        assert decided(seen, using(nginx=10)).size is None


def test_memory_is_never_moved() -> None:
    got = decided(view(), using(nginx=480))
    assert got.size and got.size.containers[0].size == Size(Resources(500), Resources(1000))
    assert outcome(view(), got)["nginx"].limits.memory == 128 * MI
