"""The rule `double`, case by case: every row of the contract's table, with target and reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from scaler.annotations.options import Bounds
from scaler.sizing.vetting import Ceiling
from store.model import Resources, Size, Sizes
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, MI, NGINX, asked, owner, pod, size, view
from tests.unit.scaler.cycles import ceiling, using
from tests.unit.scaler.sizing.deciding import TWO, decided, one, outcome, ranged


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


def fitting(most: int) -> Callable[[], Ceiling]:
    """Nodes on which no request above `most` fits."""
    return lambda: ceiling(
        fits=lambda sizes: "no node has room" if (sizes["nginx"].requests.cpu or 0) > most else None
    )


def at_most(**maxima: int) -> Callable[[], Ceiling]:
    return lambda: ceiling(maxima=Bounds(**maxima))


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
        R.NO_USAGE,
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
def test_the_decision_on_one_container(case: Case) -> None:
    pods = [pod(f"web-{i}", case.has) for i in (1, 2)]
    seen = view(*pods, settings=asked(**case.asked), whose=owner(case.has))
    got = decided(seen, using(nginx=case.used), case.above())
    assert got.reason is case.reason, got.message
    assert outcome(seen, got) == {**case.has, **(case.wants or {})}
    assert (got.size is None) == (case.wants is None)


def test_several_containers_are_decided_on_each_on_its_own_in_one_change() -> None:
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO))
    both = decided(seen, using(nginx=480, side=99))
    assert outcome(seen, both) == {"nginx": DOUBLED, "side": size((200, 200))}
    assert both.size and both.size.revision == 1
    alone = decided(seen, using(nginx=480, side=10))
    assert outcome(seen, alone) == {"nginx": DOUBLED, "side": size((100, 100))}


@pytest.mark.parametrize(
    ("annotations", "wanted"),
    [({}, {}), ({"mode__side": "auto"}, {"side"}), ({"cpu_max__init": "2"}, {"init"})],
    ids=["never", "a container of others, by name", "an init container, by name"],
)
def test_injected_and_init_containers_are_sized_only_where_they_are_named(
    annotations: dict[str, str], wanted: set[str]
) -> None:
    has = {**TWO, "init": size((100, 100))}
    pods = [pod(n, has, init={"init": {}}) for n in ("a", "b")]
    seen = view(*pods, whose=owner(NGINX), settings=asked(**annotations))
    got = decided(seen, using(nginx=10, side=99, init=99))
    assert {c.name for c in got.size.containers} == wanted if got.size else not wanted


def test_cpu_is_doubled_without_a_word_on_memory() -> None:
    got = decided(view(), using(nginx=480))
    assert got.size and got.size.containers[0].size == Size(Resources(500), Resources(1000))
    assert outcome(view(), got)["nginx"].limits.memory == 128 * MI
