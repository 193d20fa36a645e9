"""What the interface promises (policy.py), held by each policy of the table; and its one table.

A row that is added to the table is tried here without a line more.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scaler.annotations.options import Bounds, ContainerPolicy, Direction, Limits
from scaler.policies import step, table
from scaler.policies.policy import Container, Down, Horizon, Patience, PodMinute, Policy, Usage
from scaler.usage.long_window import Used, added
from scaler.usage.window import Minute, NoMinute
from store import amounts
from store.model import Resources, Size
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import LONG_AGO, MI, NOW

ROOT = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists())
HOUSE = {Reason.MANUAL, Reason.MANIFEST_CHANGED, Reason.ROLLED_BACK}
UNKNOWN = {Reason.NO_USAGE, Reason.STALE_USAGE, Reason.WARMING_UP}
LOOKS, APART = 12, 15.0
HORIZON = Horizon(86400.0, 120.0, 60.0)
ROWS = pytest.mark.parametrize("policy", table.POLICIES.values(), ids=table.POLICIES)
MANY = settings(max_examples=60, deadline=None)

AMOUNTS = st.sampled_from([0, 1, 2, 500]) | st.integers(0, 4000)
LEAST = st.none() | st.integers(0, 4000)
OPTIONS = st.builds(
    ContainerPolicy,
    policy=st.just(table.NAMES.default),
    limits=st.sampled_from(Limits),
    direction=st.sampled_from([Direction.BOTH, Direction.BOTH, Direction.UP]),
    bounds=st.builds(Bounds, cpu_min=LEAST, memory_min=LEAST.map(lambda m: m and m * MI)),
)
MISSING = st.sampled_from(sorted(UNKNOWN)).map(lambda r: NoMinute(Reason(r), "why"))
REASONS = st.sampled_from(Reason)


@st.composite
def pairs(draw: st.DrawFn, unit: int) -> tuple[int | None, int | None]:
    """A request and a limit as the API server lets them be."""
    low, high = sorted(draw(st.tuples(AMOUNTS, AMOUNTS.filter(bool))))
    request = draw(st.none() | st.just(low * unit))
    return request, draw(st.none() | st.just(high * unit))


@st.composite
def sizes(draw: st.DrawFn) -> Size:
    cpu, memory = draw(pairs(1)), draw(pairs(MI))
    return Size(Resources(cpu[0], memory[0]), Resources(cpu[1], memory[1]))


@st.composite
def containers(draw: st.DrawFn) -> Container:
    return Container("c", "cpu", draw(sizes()), draw(sizes()), draw(OPTIONS))


@st.composite
def minutes(draw: st.DrawFn, one: Container) -> Minute:
    """Any share of what the container has, or of nothing, up to more than all."""
    share = draw(st.floats(0.0, 1.2) | st.sampled_from([0.0, 0.39, 0.43, 0.47]))
    cpu, memory = (amounts.base_of(one.size, r) for r in amounts.RESOURCES)
    held = memory.value if memory else MI
    return Minute(share * (cpu.value if cpu else 500), 60.0, int(share * held), NOW)


@st.composite
def cases(draw: st.DrawFn, missing: bool = False) -> tuple[Container, Usage]:
    """Pods that are all at the current size, after a history that forbids nothing."""
    one = draw(containers())
    of: st.SearchStrategy[Minute | NoMinute] = MISSING if missing else minutes(one)
    pods = [PodMinute(m) for m in draw(st.lists(of, min_size=1, max_size=3))]
    patience = Patience(90.0, draw(st.sampled_from([1, 20, 40, 44])) / 100)
    return one, Usage(NOW, [p.minute for p in pods], pods, patience=patience, horizon=HORIZON)


def moved(policy: Policy, container: Container) -> list[Container]:
    return [replace(container, resource=r) for r in sorted(policy.resources)]


def watched(policy: Policy, container: Container, usage: Usage) -> Down:
    """The way down after looks enough at the same usage."""
    usage = remembering(policy, usage)
    down = policy.down(container, usage)
    for _ in range(LOOKS):
        usage = replace(usage, now=usage.now + APART, stretch=down.stretch)
        usage = remembering(policy, usage)
        down = policy.down(container, usage)
    return down


def remembering(policy: Policy, usage: Usage) -> Usage:
    """With one more minute in the long window, where the policy asks for one."""
    known = [m for m in usage.minutes if isinstance(m, Minute)]
    if not policy.remembers or len(known) < len(usage.pods):
        return usage
    used = Used(max(m.mean for m in known), max(m.memory for m in known))
    return replace(usage, long=added(usage.long, used, usage.now, HORIZON.window))


@ROWS
@given(cases())
@MANY
def test_a_step_up_is_one_and_has_the_policys_reason(
    policy: Policy, case: tuple[Container, Usage]
) -> None:
    container, usage = case
    for one in moved(policy, container):
        got = policy.up(one, usage)
        base = amounts.base_of(one.size, one.resource)
        assert (got.value is not None) == (got.reason in policy.reasons)
        assert got.message and got.pressure >= 0
        if got.value is not None:
            assert base and got.value > step.start(base, one.options.limits)
            assert got.value >= 1
        assert policy.up(one, usage) == got, "it remembers nothing"


@ROWS
@given(cases(missing=True))
@MANY
def test_missing_usage_is_not_little_usage(policy: Policy, case: tuple[Container, Usage]) -> None:
    """Neither up nor in bounds, so that nothing shrinks either, whatever it remembers."""
    container, usage = case
    for one in moved(policy, container):
        got = policy.up(one, usage)
        assert got.value is None
        assert got.reason in {*UNKNOWN, Reason.NOTHING_TO_SCALE}
        assert got.pressure == 0
        assert watched(policy, one, usage).proposal is None


@ROWS
@given(cases(), MISSING)
@MANY
def test_one_pod_that_is_not_known_keeps_the_size(
    policy: Policy, case: tuple[Container, Usage], missing: NoMinute
) -> None:
    """Also where all were known for long enough before."""
    container, usage = case
    for one in moved(policy, container):
        before = watched(policy, one, usage).stretch
        pods, now = [*usage.pods, PodMinute(missing)], usage.now + (LOOKS + 1) * APART
        some = replace(usage, pods=pods, now=now, stretch=before)
        assert policy.down(one, some).proposal is None


@ROWS
@given(cases())
@MANY
def test_a_step_down_is_one_and_its_usage_asks_for_no_step_up(
    policy: Policy, case: tuple[Container, Usage]
) -> None:
    container, usage = case
    for one in moved(policy, container):
        got, limits = watched(policy, one, usage).proposal, one.options.limits
        if got is None or got.value is None:
            continue
        base = amounts.base_of(one.size, one.resource)
        assert base is not None and got.reason in policy.reasons
        assert one.options.direction is Direction.BOTH
        assert 1 <= got.value <= step.most_down(base, limits)
        made = step.with_value(one.size, one.resource, limits, got.value)
        made = step.floored(made, one.resource, got.least_request)
        assert policy.up(replace(one, size=made), usage).value is None


@ROWS
@given(st.floats(0.0, 1.0))
def test_what_is_idle_gets_smaller_in_the_end(policy: Policy, used: float) -> None:
    """So that the laws above are about something, for each policy."""
    size, came = (Size(Resources(c, c * MI), Resources(c, c * MI)) for c in (1000, 100))
    options = ContainerPolicy(table.NAMES.default)
    minute = Minute(used, 60.0, MI, NOW)
    usage = Usage(NOW, [minute], [PodMinute(minute)], patience=Patience(90.0), horizon=HORIZON)
    one = Container("c", "cpu", size, came, options)
    got = [watched(policy, c, usage).proposal for c in moved(policy, one)]
    assert any(p and p.value for p in got)


@ROWS
@given(REASONS, st.sampled_from([("1", "2"), ("2", "1")]))
def test_only_a_change_of_its_own_was_its_step_down(
    policy: Policy, reason: Reason, values: tuple[str, str]
) -> None:
    change = Change(LONG_AGO, 2, "c", "cpu", *values, reason)
    assert not policy.lowered(change) or reason in policy.reasons
    assert not policy.lowered(change) or table.lowered(change)


@ROWS
def test_each_policy_names_its_resources_and_reasons_of_its_own(policy: Policy) -> None:
    assert policy.resources and policy.resources <= set(amounts.RESOURCES)
    assert policy.reasons and not policy.reasons & HOUSE


def test_what_may_be_written_is_the_table() -> None:
    names = table.NAMES
    assert names.here == tuple(table.POLICIES)
    assert names.default in table.POLICIES
    assert not set(names.later) & set(table.POLICIES)


def elsewhere() -> Iterator[tuple[Path, ast.AST]]:
    """Each piece of the scaler's code outside the room of the policies."""
    room = ROOT / "scaler" / "policies"
    for path in sorted((ROOT / "scaler").rglob("*.py")):
        if room not in path.parents:
            yield from ((path, node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))


def test_nothing_else_knows_a_policy_by_name_or_by_its_reasons() -> None:
    names = {*table.NAMES.here, *table.NAMES.later}
    reasons = {r.name for r in table.REASONS}
    known_by = [
        (path.name, node.lineno)
        for path, node in elsewhere()
        if (isinstance(node, ast.Constant) and node.value in names)
        or (isinstance(node, ast.Attribute) and node.attr in reasons)
        or (isinstance(node, ast.alias) and node.name.rpartition(".")[2] in names)
    ]
    assert not known_by
