"""Which containers were quiet for long enough to be halved, and how far down: scale_down.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.annotations.options import Bounds, Settings
from scaler.cluster.view import View
from scaler.model import Stretch
from scaler.policies.halve import Resting
from scaler.sizing import governing
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.sizing.vetting import Ceiling
from store.injection import inject
from store.model import Size, Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import LONG_AGO, NGINX, NOW, hand, injected, size, stored, view
from tests.unit.scaler.cycles import ceiling, using
from tests.unit.scaler.sizing.deciding import came, ranged
from tests.unit.scaler.sizing.quiet_workloads import change, doubled, one, two

R = Reason
LONG = Stretch(1800.0, NOW - 15, 0.0)


def decided(
    seen: View, used: Any = 10.0, *, quiet_for: float = 1800.0, above: Ceiling | None = None
) -> Decided:
    """After a look at which everything was quiet for so long, as far as it was."""
    assert isinstance(seen.settings, Settings) and seen.size
    had = inject(seen.size, NGINX if not seen.pods else came(seen))
    stretches = {}
    for name, has in had.items():
        maxima = (above or ceiling()).maxima
        options = governing.options_of(seen.settings, name, "cpu", maxima)
        rest = Resting(name, has, came(seen)[name], options)
        stretches[name] = Stretch(quiet_for - 15, NOW - 15, rest.level(0.4))
    minutes = using(nginx=used) if isinstance(used, float | Reason) else used
    watched = Watched(minutes, NOW, stretches=stretches)
    return decide(seen, seen.settings, watched, above or ceiling())


@dataclass(frozen=True)
class Case:
    """`wants` None: nothing is changed."""

    name: str
    has: Size
    wants: Size | None
    reason: Reason
    asked: Mapping[str, str] = field(default_factory=dict)
    came: Size = NGINX["nginx"]
    above: Any = ceiling


KEEP, NONE = {"limits": "keep"}, {"limits": "none"}
NGINX_CAME = NGINX["nginx"]
MAXIMA: list[tuple[str, dict[str, str], Any]] = [
    ("cpu-max", {"cpu_max": "600m"}, ceiling),
    ("the cluster's maximum", {}, lambda: ceiling(maxima=Bounds(cpu_max=600))),
]
CASES = [
    Case("half", one(500, 1000), one(250, 500), R.HALVED),
    Case("half of four times", one(1000, 2000), one(500, 1000), R.HALVED),
    Case("at the manifest's", one(250, 500), None, R.AT_MINIMUM),
    Case("not below it", one(400, 800), one(250, 500), R.HALVED),
    Case("less than 10 % above it", one(274, 549), None, R.AT_MINIMUM),
    Case("just 10 % above it", one(275, 550), one(250, 500), R.HALVED),
    Case("`direction: up`", one(500, 1000), None, R.IN_BOUNDS, {"direction": "up"}),
    Case("limit only", one(1000, 1000), one(500, 500), R.HALVED, came=one(None, 500)),
    Case("request only", one(500, None), one(250, None), R.HALVED, came=one(250, None)),
    Case("request only, there", one(250, None), None, R.AT_MINIMUM, came=one(250, None)),
    Case("odd: rounded up", one(501, 1001), one(251, 501), R.HALVED),
    Case("`keep`", one(400, 500), one(200, 500), R.HALVED, KEEP, one(200, 500)),
    Case(
        "`keep`: its request's floor", one(300, 500), one(200, 500), R.HALVED, KEEP, one(200, 500)
    ),
    Case("`keep`: there", one(200, 500), None, R.AT_MINIMUM, KEEP, one(200, 500)),
    Case("`none`", one(500, None), one(250, None), R.HALVED, NONE),
    Case("`none`: there", one(250, None), None, R.AT_MINIMUM, NONE),
    Case("no limit where the manifest has one", one(500, None), one(250, None), R.HALVED),
    Case("the request is never below either", one(250, 1000), one(250, 500), R.HALVED),
    Case("cpu-min below the manifest", one(250, 500), one(125, 250), R.HALVED, {"cpu_min": "100m"}),
    Case("cpu-min is the floor", one(125, 250), one(100, 200), R.HALVED, {"cpu_min": "200m"}),
    Case("at cpu-min", one(100, 200), None, R.AT_MINIMUM, {"cpu_min": "200m"}),
    Case(
        "cpu-min above the manifest", one(500, 1000), one(400, 800), R.HALVED, {"cpu_min": "800m"}
    ),
    Case("already below cpu-min", one(250, 500), None, R.AT_MINIMUM, {"cpu_min": "2"}),
    Case("cpu-min 0: down to 1m", one(1, 2), one(1, 1), R.HALVED, {"cpu_min": "0"}),
    Case("never below 1m", one(1, 1), None, R.AT_MINIMUM, {"cpu_min": "0"}),
    Case(
        "cpu-min of a limit that is kept is none of a request",
        *(one(200, 500), None, R.AT_MINIMUM, {**KEEP, "cpu_min": "100m"}, one(200, 500)),
    ),
    Case(
        "a LimitRange's minimum",
        *(one(500, 1000), one(300, 599), R.HALVED),
        above=ranged(min={"cpu": "300m"}),
    ),
    Case(
        "no 10 % above it",
        *(one(500, 1000), None, R.AT_MINIMUM),
        above=ranged(min={"cpu": "480m"}),
    ),
    Case(
        "not even half fits",
        *(one(500, 1000), None, R.AT_MINIMUM),
        above=lambda: ceiling(fits=lambda sizes: "no node has room"),
    ),
    *(
        Case(f"{name}, by {whose}", has, wants, reason, {**asked, **own}, came, above=above)
        for whose, own, above in MAXIMA
        for name, has, wants, reason, asked, came in [
            ("half is above the maximum", one(1000, 2000), one(300, 600), R.HALVED, {}, NGINX_CAME),
            ("half is the maximum", one(600, 1200), one(300, 600), R.HALVED, {}, NGINX_CAME),
            ("the manifest is", one(500, 1000), one(500, 600), R.HALVED, {}, one(500, 1000)),
            (
                "so is cpu-min",
                one(500, 1000),
                one(300, 600),
                R.HALVED,
                {"cpu_min": "600m"},
                one(500, 1000),
            ),
            ("less than 10 % above it", one(300, 650), None, R.AT_MINIMUM, {}, one(300, 650)),
            ("request only", one(2000, None), one(600, None), R.HALVED, {}, one(2000, None)),
            (
                "`keep`: the limit stays",
                one(500, 800),
                one(250, 800),
                R.HALVED,
                KEEP,
                one(250, 800),
            ),
            ("`none`", one(2000, None), one(600, None), R.HALVED, NONE, one(1500, 2000)),
        ]
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_container_that_was_quiet_is_halved_down_to_its_floor(case: Case) -> None:
    seen = doubled(case.has, case.came, **case.asked)  # type: ignore[arg-type]
    got = decided(seen, 0.0, above=case.above())
    assert got.reason is case.reason, got.message
    assert got.after is not None
    assert got.after["nginx"] == (case.wants or case.has)


def test_a_halving_keeps_the_qos_class() -> None:
    """All requests equal all limits now: half of one request would be another class."""
    came = {"nginx": size((250, 500), (64, 64))}
    seen = doubled(size((500, 500), (64, 64)), came["nginx"], limits="keep")
    got = decided(seen)
    assert (got.reason, got.after) == (R.AT_MINIMUM, got.before)
    assert got.message.endswith("the pod would be Burstable instead of Guaranteed")


def test_a_halving_says_how_little_was_used_and_what_prevents_more() -> None:
    got = decided(doubled(one(500, 1000)), above=ranged(min={"cpu": "480m"})())
    assert got.message == (
        "nginx used 10m of 1 for 60 s; below 40 % for 1800 s; LimitRange most refuses container "
        "nginx: cpu request 250m is below 480m"
    )
    partly = decided(doubled(one(500, 1000)), above=ranged(min={"cpu": "300m"})())
    assert "599m instead of 500m: LimitRange most" in partly.message


@pytest.mark.parametrize(
    ("used", "quiet_for", "changes"),
    [
        pytest.param(10.0, 1799.0, (), id="not for long enough"),
        pytest.param(400.0, 9999.0, (), id="busy now"),
        pytest.param(using(nginx=10.0, nginx__web_1=400.0), 9999.0, (), id="one of two is busy"),
        pytest.param(10.0, 9999.0, (change(R.DOUBLED, timestamps.text(NOW - 1790)),), id="doubled"),
        pytest.param(
            10.0,
            9999.0,
            (change(R.DOUBLED, timestamps.text(NOW - 1790), "side"),),
            id="another was",
        ),
        pytest.param(
            10.0,
            9999.0,
            (change(R.DOUBLED, timestamps.text(NOW + 1790)),),
            id="our clock went back",
        ),
        pytest.param(
            10.0, 9999.0, (change(R.ROLLED_BACK, timestamps.text(NOW - 600)),), id="rolled back"
        ),
    ],
)
def test_a_container_that_was_not_quiet_for_long_enough_stays(
    used: Any, quiet_for: float, changes: tuple[Change, ...]
) -> None:
    got = decided(doubled(one(500, 1000), changes=changes), used, quiet_for=quiet_for)
    assert (got.reason, got.after) == (R.IN_BOUNDS, got.before)


@pytest.mark.parametrize(
    ("before", "after", "wants"),
    [("500m", "1", (300, 600)), ("1", "500m", (300, 600)), ("700m", "1", (351, 701))],
)
def test_a_size_that_was_rolled_back_is_not_tried_again(
    before: str, after: str, wants: tuple[int, int]
) -> None:
    line = replace(change(R.ROLLED_BACK, LONG_AGO), before=before, after=after)
    got = decided(doubled(one(600, 1200), changes=(line,)))
    assert got.after == {"nginx": one(*wants)}
    most = replace(line, before="1100m", after="1200m")
    stuck = decided(doubled(one(600, 1200), changes=(most, line)))
    assert (stuck.reason, stuck.after) == (R.AT_MINIMUM, stuck.before)
    assert stuck.message.endswith("1100m was rolled back")


@pytest.mark.parametrize("reason", [R.STALE_USAGE, R.NO_USAGE, R.WARMING_UP])
def test_missing_usage_is_never_quiet(reason: Reason) -> None:
    got = decided(doubled(one(500, 1000)), reason)
    assert (got.reason, got.after) == (reason, got.before)
    mixed = decided(doubled(one(500, 1000)), using(nginx=10.0, nginx__web_1=reason))
    assert (mixed.reason, mixed.after) == (R.IN_BOUNDS, mixed.before)


def test_a_size_by_hand_is_not_halved() -> None:
    got = decided(doubled(one(500, 1000), by_hand=[hand(cpu=(500, 1000))]))
    assert got.after == got.before


def test_the_halving_of_an_observed_container_is_a_wish() -> None:
    seen = doubled(one(500, 1000), mode="observe")
    got = decided(seen)
    assert got.after == got.before
    assert [c.size.limits.cpu for c in got.wish] == []  # half is what the manifest says


def test_nothing_shrinks_while_another_container_grows() -> None:
    seen = two({}, nginx=one(500, 1000), side=one(250, 500))
    got = decided(seen, using(nginx=10.0, side=490.0))
    assert got.reason is R.DOUBLED
    assert got.after is not None and got.after["nginx"] == one(500, 1000)
    assert got.after["side"] == one(500, 1000)


def test_several_containers_shrink_in_one_change() -> None:
    got = decided(two({}, nginx=one(500, 1000), side=one(1000, 2000)))
    assert got.reason is R.HALVED
    assert got.after == {"nginx": one(250, 500), "side": one(500, 1000)}


def test_at_the_minimum_is_said_only_where_all_are() -> None:
    seen = two({}, nginx=one(250, 500), side=one(250, 500))
    assert decided(seen, using(nginx=10.0, side=10.0)).reason is R.AT_MINIMUM
    assert decided(seen, using(nginx=10.0, side=210.0)).reason is R.IN_BOUNDS


def test_usage_of_pods_that_wait_to_be_halved_counts() -> None:
    """The only pod of a workload is not replaced, and needs what it still has."""
    old, new = stored(2, {"nginx": one(500, 1000)}), stored(3, {"nginx": one(250, 500)})
    status = Status(size=new, changes=(replace(change(R.HALVED, LONG_AGO), revision=3),))
    seen = view(injected("web-1", old), status=status)
    assert isinstance(seen.settings, Settings)
    for used, reason in ((940.0, R.DOUBLED), (300.0, R.IN_BOUNDS)):
        watched = Watched(using(nginx=used), NOW)
        assert decide(seen, seen.settings, watched, ceiling()).reason is reason
    by_people = replace(seen, podsize=replace(seen.podsize, status=Status(size=new)))  # type: ignore[type-var]
    got = decide(by_people, seen.settings, Watched(using(nginx=940.0), NOW), ceiling())
    assert got.reason is R.NO_USAGE, "an older revision says nothing"
