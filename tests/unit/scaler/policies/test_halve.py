"""The rule `double` downward: every row of its table, and that it never goes up and down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kube import timestamps
from scaler.annotations.options import Bounds, ContainerPolicy, Limits, Settings
from scaler.cluster.view import View
from scaler.model import Evict, Stretch, Verdict, Write
from scaler.policies.halve import Resting
from scaler.policies.policy import Patience
from scaler.policies.table import NAMES
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.sizing.vetting import Ceiling
from store.injection import inject
from store.model import Change, ContainerSize, Phase, Quiet, Size, Status
from store.reasons import Reason
from tests.unit.scaler.builders import (
    LONG_AGO,
    NGINX,
    NOW,
    around,
    asked,
    carried_out,
    ceiling,
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
from tests.unit.scaler.sizing.deciding import ranged

R = Reason
LONG = Stretch(1800.0, NOW - 15, 0.0)


def one(*cpu: int | None) -> Size:
    return size((cpu[0], cpu[1]))


def doubled(
    has: Size,
    came: Size = NGINX["nginx"],
    *,
    changes: Sequence[Change] = (),
    by_hand: Sequence[ContainerSize] = (),
    **annotations: str,
) -> View:
    """Two pods with that size, which the store gave them long ago."""
    manifest = {"nginx": came}
    old = stored(2, {"nginx": has}, came=manifest)
    pods = [injected(f"web-{i}", old, manifest) for i in range(2)]
    lines = tuple(changes) or (change(R.DOUBLED, LONG_AGO),)
    status = Status(size=old, changes=lines)
    whose = owner(manifest)
    return view(*pods, status=status, settings=asked(**annotations), whose=whose, by_hand=by_hand)


def change(reason: Reason, at: str, container: str = "nginx") -> Change:
    return Change(at, 2, container, "cpu", "500m", "1", reason)


def decided(
    seen: View, used: Any = 10.0, *, quiet_for: float = 1800.0, above: Ceiling | None = None
) -> Decided:
    """After a look at which everything was quiet for so long, as far as it was."""
    assert isinstance(seen.settings, Settings) and seen.size
    had = inject(seen.size, NGINX if not seen.pods else _came(seen))
    stretches = {}
    for name, has in had.items():
        rest = Resting(name, has, _came(seen)[name], seen.settings.container(name))
        stretches[name] = Stretch(quiet_for - 15, NOW - 15, rest.level(0.4))
    minutes = using(nginx=used) if isinstance(used, float | Reason) else used
    watched = Watched(minutes, NOW, stretches=stretches)
    return decide(seen, seen.settings, watched, above or ceiling())


def _came(seen: View) -> dict[str, Size]:
    from scaler.cluster.pod_sizes import size_of

    return {c.name: size_of(c.resources) for c in seen.template.containers}


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
    Case(
        "the cluster's maximum is still exceeded",
        *(one(1000, 2000), one(500, 1000), R.HALVED),
        above=lambda: ceiling(maxima=Bounds(cpu_max=600)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_container_that_was_quiet(case: Case) -> None:
    seen = doubled(case.has, case.came, **case.asked)  # type: ignore[arg-type]
    got = decided(seen, 0.0, above=case.above())
    assert got.reason is case.reason, got.message
    assert got.after is not None
    assert got.after["nginx"] == (case.wants or case.has)


def test_the_qos_class_is_kept() -> None:
    """All requests equal all limits now: half of one request would be another class."""
    came = {"nginx": size((250, 500), (64, 64))}
    seen = doubled(size((500, 500), (64, 64)), came["nginx"], limits="keep")
    got = decided(seen)
    assert (got.reason, got.after) == (R.AT_MINIMUM, got.before)
    assert got.message.endswith("the pod would no longer be Guaranteed")


def test_it_says_how_little_was_used_and_what_refuses() -> None:
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
def test_what_has_not_earned_it_stays(
    used: Any, quiet_for: float, changes: tuple[Change, ...]
) -> None:
    got = decided(doubled(one(500, 1000), changes=changes), used, quiet_for=quiet_for)
    assert (got.reason, got.after) == (R.IN_BOUNDS, got.before)


@pytest.mark.parametrize(
    ("before", "after", "wants"),
    [("500m", "1", (300, 600)), ("1", "500m", (300, 600)), ("700m", "1", (351, 701))],
)
def test_what_was_taken_back_is_not_tried_again(
    before: str, after: str, wants: tuple[int, int]
) -> None:
    line = replace(change(R.ROLLED_BACK, LONG_AGO), before=before, after=after)
    got = decided(doubled(one(600, 1200), changes=(line,)))
    assert got.after == {"nginx": one(*wants)}
    most = replace(line, before="1100m", after="1200m")
    stuck = decided(doubled(one(600, 1200), changes=(most, line)))
    assert (stuck.reason, stuck.after) == (R.AT_MINIMUM, stuck.before)
    assert stuck.message.endswith("1100m was taken back")


@pytest.mark.parametrize("reason", [R.STALE_USAGE, R.NO_USAGE, R.WARMING_UP])
def test_missing_usage_is_never_quiet(reason: Reason) -> None:
    got = decided(doubled(one(500, 1000)), reason)
    assert (got.reason, got.after) == (reason, got.before)
    mixed = decided(doubled(one(500, 1000)), using(nginx=10.0, nginx__web_1=reason))
    assert (mixed.reason, mixed.after) == (R.IN_BOUNDS, mixed.before)


def test_a_size_by_hand_is_not_halved() -> None:
    got = decided(doubled(one(500, 1000), by_hand=[hand(cpu=(500, 1000))]))
    assert got.after == got.before


def test_what_is_only_observed_is_a_wish() -> None:
    seen = doubled(one(500, 1000), mode="observe")
    got = decided(seen)
    assert got.after == got.before
    assert [c.size.limits.cpu for c in got.wish] == []  # half is what the manifest says


def two(asked_for: Mapping[str, str], **has: Size) -> View:
    came = {name: NGINX["nginx"] for name in has}
    old = stored(2, has, came=came)
    pods = [injected(f"web-{i}", old, came) for i in range(2)]
    status = Status(size=old, changes=(change(R.DOUBLED, LONG_AGO),))
    return view(*pods, status=status, settings=asked(**asked_for), whose=owner(came))


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


def test_pods_that_wait_to_be_halved_are_heard() -> None:
    """The only pod of a workload is not taken, and needs what it still has."""
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


# What is written, and when.

FAST = Patience(300.0)


@dataclass
class Course:
    """A workload's life, look by look: every action is carried out at once."""

    seen: View
    now: float = NOW
    step: float = 15.0
    stretches: Mapping[str, Stretch] = field(default_factory=dict)
    patience: Patience = FAST
    writes: int = 0
    steps: list[tuple[float, Reason, int]] = field(default_factory=list)
    """Changes of the size: when, why, and the limit (or request) since."""

    def look(self, **means: float | Reason) -> Verdict:
        self.now += self.step
        cycle = around(
            using(**means),
            now=self.now,
            patience=self.patience,
            stretches={self.seen.workload: self.stretches},
        )
        verdict = planned(self.seen, cycle)
        self.stretches = {**self.stretches, **verdict.stretches}
        before = self.seen.size
        self.writes += isinstance(verdict.action, Write | Evict)
        if isinstance(verdict.action, Write) and verdict.action.status.size != before:
            self.steps.append((self.now, verdict.standing.reason, 0))
        self.seen = carried_out(self.seen, verdict, self.now)
        if self.steps and self.steps[-1][0] == self.now:
            self.steps[-1] = (*self.steps[-1][:2], self.base)
        return verdict

    def settle(self, **means: float | Reason) -> None:
        """Until every pod has its size; less than all patience."""
        for _ in range(15):
            self.look(**means)

    @property
    def status(self) -> Status:
        assert self.seen.podsize
        return self.seen.podsize.status

    @property
    def base(self) -> int:
        size = inject(self.seen.size, _came(self.seen))["nginx"]
        return (size.requests.cpu if size.limits.cpu is None else size.limits.cpu) or 0


def test_from_a_doubling_back_to_the_manifest_and_then_nothing_is_written() -> None:
    course = Course(doubled(one(500, 1000)))
    for _ in range(60):
        course.look(nginx=10.0)
    assert [(reason, base) for _, reason, base in course.steps] == [(R.HALVED, 500)]
    assert (course.status.phase, course.status.reason) == (Phase.SETTLED, R.AT_MINIMUM)
    assert course.status.quiet == ()
    assert course.status.changes[0].reason is R.HALVED
    writes = course.writes
    for _ in range(200):
        course.look(nginx=10.0)
    assert course.writes == writes


def test_at_the_minimum_outlives_a_restart_and_ends_with_the_idleness() -> None:
    course = Course(view(pod("a", NGINX), pod("b", NGINX)))
    for _ in range(30):
        course.look(nginx=10.0)
    assert course.status.reason is R.AT_MINIMUM
    writes, course.stretches = course.writes, {}
    course.look(nginx=R.WARMING_UP)
    course.settle(nginx=10.0)
    assert course.writes == writes
    course.settle(nginx=210.0)
    assert (course.writes, course.status.reason) == (writes + 1, R.IN_BOUNDS)
    course.settle(nginx=10.0)
    assert (course.writes, course.status.reason) == (writes + 1, R.IN_BOUNDS)


def test_the_way_to_a_halving_costs_two_writes() -> None:
    course = Course(doubled(one(500, 1000)))
    course.look(nginx=300.0)
    course.look(nginx=450.0)
    writes, kept = course.writes, []
    while not course.steps:
        course.look(nginx=300.0)
        kept.append(tuple(q.seconds for q in course.status.quiet))
    assert course.writes == writes + 3, "two thirds, and the halving"
    assert list(dict.fromkeys(kept)) == [(), (100,), (200,)]
    assert course.status.quiet == ()


def test_a_busy_container_costs_no_write_and_one_that_gets_busy_costs_one() -> None:
    course = Course(doubled(one(500, 1000)))
    course.settle(nginx=500.0)
    writes = course.writes
    course.settle(nginx=500.0)
    assert course.writes == writes
    course.settle(nginx=300.0)
    assert [q.seconds for q in course.status.quiet] == [200]
    writes = course.writes
    course.settle(nginx=500.0)
    assert (course.writes, course.status.quiet) == (writes + 1, ())


def test_usage_that_swings_costs_no_writes_while_its_quiet_is_short() -> None:
    course = Course(doubled(one(500, 1000)))
    course.settle(nginx=500.0)
    writes = course.writes
    for number in range(200):
        course.look(nginx=500.0 if number % 6 == 0 else 10.0)
    assert course.writes == writes


def test_a_restart_goes_on_where_the_store_says() -> None:
    course = Course(doubled(one(500, 1000)))
    while [q.seconds for q in course.status.quiet] != [200]:
        course.look(nginx=10.0)
    course.now += 60
    course.stretches = {}
    course.look(nginx=R.WARMING_UP)
    assert [q.seconds for q in course.status.quiet] == [200], "not known is not busy either"
    again = course.now
    while not course.steps:
        course.look(nginx=10.0)
    assert 100 <= course.steps[0][0] - again <= 130, "the last third is read by one process"


def test_a_process_that_saw_it_busy_does_not_believe_an_older_number() -> None:
    """Also where taking it away from the store has failed."""
    seen = doubled(one(500, 1000))
    assert seen.podsize
    kept = replace(seen.podsize.status, quiet=(Quiet("nginx", 200, timestamps.text(NOW)),))
    course = Course(replace(seen, podsize=replace(seen.podsize, status=kept)))
    old = course.seen
    course.look(nginx=900.0 * 0.5)
    course.seen = old
    for _ in range(6):
        course.look(nginx=10.0)
        assert course.status.quiet == ()
    assert not course.steps


def test_with_another_size_the_number_is_gone() -> None:
    course = Course(two({}, nginx=one(500, 1000), side=one(500, 1000)))
    course.settle(nginx=10.0, side=500.0)
    assert [q.name for q in course.status.quiet] == ["nginx"]
    busy = Course(doubled(one(500, 1000)))
    busy.settle(nginx=10.0)
    assert busy.status.quiet
    busy.look(nginx=990.0)
    assert busy.steps and busy.status.quiet == ()


def test_leaving_takes_the_number_away() -> None:
    course = Course(doubled(one(500, 1000)))
    course.settle(nginx=10.0)
    assert course.status.quiet
    course.seen = replace(course.seen, settings=asked(mode="off"))
    course.look(nginx=10.0)
    assert course.status.quiet == ()


@pytest.mark.parametrize("asked_for", [{"direction": "up"}, {"mode": "observe"}])
def test_who_does_not_shrink_has_no_number(asked_for: Mapping[str, str]) -> None:
    course = Course(doubled(one(500, 1000), **asked_for))  # type: ignore[arg-type]
    course.settle(nginx=10.0)
    writes = course.writes
    for _ in range(60):
        course.look(nginx=10.0)
    assert (course.steps, course.status.quiet) == ([], ())
    assert course.writes <= writes + 1


# What holds whatever is used.

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SIZES = st.tuples(st.integers(1, 4000), st.integers(1, 4000)).map(sorted)
POLICIES = st.builds(
    ContainerPolicy,
    policy=st.just(NAMES.default),
    limits=st.sampled_from(Limits),
    bounds=st.builds(Bounds, cpu_min=st.none() | st.integers(0, 4000)),
)
SHARES = st.integers(1, 44).map(lambda p: p / 100)


@st.composite
def restings(draw: st.DrawFn) -> Resting:
    def any_size() -> Size:
        request, limit = draw(SIZES)
        return one(request, draw(st.sampled_from([limit, None])))

    return Resting("c", any_size(), any_size(), draw(POLICIES))


@given(restings(), SHARES)
@settings(max_examples=200, deadline=None)
def test_what_was_quiet_is_far_from_a_doubling_at_half(rest: Resting, share: float) -> None:
    """The argument of the module, for any size, any `limits` and any floor."""
    if rest.steps is None:
        return
    for value in rest.steps:
        made = rest.at(value)
        base = made.limits.cpu if made.limits.cpu is not None else made.requests.cpu
        assert base is not None
        assert rest.level(share) < 0.9 * base


@given(restings())
@settings(max_examples=200, deadline=None)
def test_a_step_down_goes_down_and_never_below_its_floor(rest: Resting) -> None:
    if rest.steps is None:
        return
    for value in rest.steps:
        made, had, came = rest.at(value), rest.size, rest.came
        assert (made.requests.cpu or 0) <= max(had.requests.cpu or 0, came.requests.cpu or 0)
        assert (made.limits.cpu or 0) <= (had.limits.cpu or 0)
        if made.limits.cpu is not None:
            assert 1 <= (made.requests.cpu or 0) <= made.limits.cpu
        if rest.policy.bounds.cpu_min is None:
            least = min(had.limits.cpu or 0, came.limits.cpu or 0)
            assert made.limits.cpu is None or made.limits.cpu >= least
            floor = min(came.requests.cpu or 0, made.limits.cpu or 10**9)
            assert (made.requests.cpu or 0) >= floor


LOADS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 100.0, 199.0, 201.0, 380.0, 430.0, 460.0, 700.0, 950.0, 2500.0]),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=12,
)
ASKED = st.sampled_from([{}, {"limits": "none"}, {"limits": "keep"}, {"cpu_min": "100m"}])


@given(LOADS, ASKED)
@example([(950.0, 10), (10.0, 200), (950.0, 30)], {})
@MANY
def test_no_size_goes_up_and_down(
    loads: list[tuple[float, int]], asked_for: Mapping[str, str]
) -> None:
    """Whatever is used: halved only after the whole time, of which no look reached the level, and
    the whole time after a doubling; doubled after a halving only by more than was used before."""
    course, used = Course(doubled(one(500, 1000), **asked_for)), []  # type: ignore[arg-type]
    for load, looks in loads:
        for _ in range(looks):
            before = course.base
            mean = min(load, float(before)) if "limits" not in asked_for else load
            used.append((course.now + course.step, mean))
            course.look(nginx=mean)
            if course.steps and course.steps[-1][0] == course.now:
                _earned(course, used, before)


def _earned(course: Course, used: list[tuple[float, float]], before: int) -> None:
    at, reason, base = course.steps[-1]
    ups = [t for t, why, _ in course.steps[:-1] if why is R.DOUBLED]
    downs = [t for t, why, _ in course.steps[:-1] if why is R.HALVED]
    if reason is R.HALVED:
        recent = [mean for t, mean in used if at - FAST.seconds < t <= at]
        assert len(recent) * course.step >= FAST.seconds
        assert max(recent) < 0.4 * before
        assert max(recent) < 0.9 * base
        assert all(at - t >= FAST.seconds for t in ups)
    if reason is R.DOUBLED and downs:
        quiet_then = [m for t, m in used if downs[-1] - FAST.seconds < t <= downs[-1]]
        assert used[-1][1] > max(quiet_then)


@pytest.mark.parametrize("load", [0.0, 100.0, 199.0, 380.0, 399.0, 401.0, 460.0, 890.0])
def test_steady_usage_is_followed_in_one_direction_only(load: float) -> None:
    course = Course(doubled(one(2000, 4000)))
    for _ in range(300):
        course.look(nginx=load)
    assert {reason for _, reason, _ in course.steps} <= {R.HALVED}
    assert course.base == next(
        (b for b in (500, 1000, 2000, 4000) if load < 0.8 * b and (b == 500 or load >= 0.4 * b)),
        4000,
    )
