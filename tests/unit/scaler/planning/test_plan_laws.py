"""What holds for every workload, whatever it uses and however it is asked for."""

from collections.abc import Mapping
from itertools import product
from math import inf

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.enrolment import enrolment
from scaler.annotations.options import Bounds, Limits, Mode, Settings
from scaler.cluster.pod_sizes import size_of
from scaler.cluster.view import View
from scaler.model import Evict, Plan, Stretches, Wait, Write
from scaler.planning.context import Context
from scaler.policies import table
from scaler.sizing.vetting import above
from store import qos
from store.injection import inject
from store.model import Apply, ContainerSize, Resources, Size, Sizes, Status
from store.reasons import Reason
from store.records import BackOff, Change
from tests.unit.scaler.builders import (
    LONG_AGO,
    MI,
    NGINX,
    NOW,
    injected,
    ours,
    owner,
    pod,
    stored,
    view,
)
from tests.unit.scaler.cycles import carried_out, context, planned, using

MANY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = ("nginx", "side")


@st.composite
def amounts(draw: st.DrawFn, most: int) -> tuple[int | None, int | None]:
    """A request and a limit as the API server lets them be."""
    limit = draw(st.none() | st.integers(1, most))
    request = draw(st.none() | st.integers(0, most if limit is None else limit))
    return (limit if request is None else request), limit


@st.composite
def sizes(draw: st.DrawFn) -> Size:
    cpu, memory = draw(amounts(4000)), draw(amounts(512))
    request, limit = (None if m is None else m * MI for m in memory)
    return Size(Resources(cpu[0], request), Resources(cpu[1], limit))


MANIFESTS = st.fixed_dictionaries({"nginx": sizes()}, optional={"side": sizes()})
CPU_TEXTS = st.integers(50, 6000).map(lambda m: f"{m}m")


@st.composite
def annotations(draw: st.DrawFn) -> Mapping[str, str]:
    """Any well-formed wish."""
    out = {"mode": draw(st.sampled_from(["auto", "auto", "auto", "initial", "observe"]))}
    choices = {
        "limits": ["ratio", "keep", "none"],
        "single_replica": ["wait", "restart"],
        "resources": ["cpu", "memory", "cpu,memory"],
        "mode__side": ["auto", "initial", "observe", "off"],
        "paused": ["true", "false"],
    }
    for name, values in choices.items():
        if draw(st.integers(0, 3)) == 0:
            out[name] = draw(st.sampled_from(values))
    low, high = sorted(draw(st.tuples(st.integers(50, 6000), st.integers(50, 6000))))
    if draw(st.booleans()):
        out["cpu_max"] = f"{high}m"
    if draw(st.integers(0, 3)) == 0:
        out["cpu_min"] = f"{low}m"
    return out


@st.composite
def hands(draw: st.DrawFn, names: tuple[str, ...]) -> tuple[ContainerSize, ...]:
    """Any size by hand that the CRD accepts."""
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=2))
    return tuple(ContainerSize(n, draw(sizes())) for n in chosen)


USAGES = st.fixed_dictionaries(
    {n: st.floats(0, 8000) | st.sampled_from([Reason.WARMING_UP, Reason.NO_USAGE]) for n in NAMES}
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[View, Context]:
    """A workload whose pods have the manifest's values or any size that was stored before."""
    manifest: dict[str, Size] = draw(MANIFESTS)
    old = None
    if draw(st.booleans()):
        sized = {n: draw(sizes()) for n in manifest}
        old = stored(3, sized, came=manifest, apply=draw(st.sampled_from(Apply)))
    make = st.sampled_from(["manifest", "stored", "bare"])
    pods = [_pod(f"web-{i}", draw(make), manifest, old) for i in range(draw(st.integers(1, 3)))]
    asked = enrolment(ours(draw(annotations())), None, None, table.NAMES)
    line = Change(LONG_AGO, 3, "nginx", "cpu", "1", "2", Reason.DOUBLED)
    status = Status(size=old, changes=(line,) if old else ())
    seen = view(
        *pods,
        status=status,
        by_hand=draw(st.just(()) | hands((*manifest, "stranger"))),
        settings=asked,
        whose=owner(manifest, replicas=len(pods)),
    )
    maxima = Bounds(cpu_max=draw(st.none() | st.integers(100, 8000)))
    obstacle = draw(st.sampled_from([None, None, None, "full"]))
    return seen, context(using(**draw(USAGES)), obstacle=obstacle, maxima=maxima)


def _pod(name: str, how: str, manifest: Sizes, old: object) -> objects.Pod:
    if how == "bare":
        return pod(name, manifest)
    return injected(name, old if how == "stored" else None, manifest)  # type: ignore[arg-type]


def manifest_of(seen: View) -> dict[str, Size]:
    return {c.name: size_of(c.resources) for c in seen.template.containers}


def new_size(seen: View, plan: Plan) -> dict[str, Size] | None:
    """What new pods get after the action; None where nothing of that changes."""
    if not isinstance(plan.action, Write) or plan.action.status.size == seen.size:
        return None
    return inject(plan.action.status.size, manifest_of(seen))


def known(seen: View) -> Settings:
    assert isinstance(seen.settings, Settings)
    return seen.settings


@given(worlds())
@MANY
def test_the_same_snapshot_gives_the_same_plan(world: tuple[View, Context]) -> None:
    assert planned(*world) == planned(*world)


@given(worlds())
@MANY
def test_no_request_is_ever_above_its_limit(world: tuple[View, Context]) -> None:
    for size in (new_size(world[0], planned(*world)) or {}).values():
        for resource in ("cpu", "memory"):
            request, limit = size.pair(resource)
            assert limit is None or (request or 0) <= limit


@given(worlds())
@MANY
def test_the_qos_class_is_kept_unless_limits_are_to_be_removed(world: tuple[View, Context]) -> None:
    seen = world[0]
    new = new_size(seen, planned(*world))
    if new is None or known(seen).default.limits is Limits.NONE:
        return
    came = manifest_of(seen)
    before = inject(seen.size, came)
    # What hypothesis stored may be of another QoS class already: then any container may come back.
    allowed = {qos.qos_class(mix) for mix in product(*((before[n], came[n]) for n in came))}
    assert qos.qos_class(new.values()) in allowed


@given(worlds())
@MANY
def test_no_step_leaves_its_bounds(world: tuple[View, Context]) -> None:
    seen, cycle = world
    for d in planned(seen, cycle).decisions:
        if d.target is None:
            continue
        policy = known(seen).container(d.container)
        cpu = Size(Resources(d.target.requests.cpu), Resources(d.target.limits.cpu))
        assert above(cpu, policy.bounds, cycle.maxima) is None
        base = cpu.requests.cpu if cpu.limits.cpu is None else cpu.limits.cpu
        # Where the cluster's maximum is below a workload's minimum, the maximum holds.
        least = min(policy.bounds.cpu_min or 0, cycle.maxima.cpu_max or inf)
        assert policy.limits is Limits.KEEP or (base or 0) >= least


@given(worlds())
@MANY
def test_no_pod_is_replaced_while_another_is_missing_terminating_or_not_ready(
    world: tuple[View, Context],
) -> None:
    seen, cycle = world
    first, *others = seen.pods
    troubled = [
        replace(seen, owner=owner(manifest_of(seen), replicas=len(seen.pods) + 1)),
        replace(seen, pods=(*others, _marked(first, going=True))),
        replace(seen, pods=(*others, _marked(first, going=False))),
    ]
    for damage in troubled:
        assert not isinstance(planned(damage, cycle).action, Evict)


def _marked(found: objects.Pod, *, going: bool) -> objects.Pod:
    if going:
        meta = msgspec.structs.replace(found.metadata, deletion_timestamp=timestamps.text(NOW))
        return msgspec.structs.replace(found, metadata=meta)
    unready = [objects.Condition("Ready", "False")]
    status = msgspec.structs.replace(found.status, conditions=unready)
    return msgspec.structs.replace(found, status=status)


@given(worlds(), st.sampled_from([None, "off", "observe", "initial", "paused", "typo"]))
@MANY
def test_no_pod_is_replaced_of_a_workload_that_did_not_ask_for_it(
    world: tuple[View, Context], asked: str | None
) -> None:
    seen, cycle = world
    wish = {"mode": "auto", "paused": "true"} if asked == "paused" else {"mode": asked or ""}
    wanted = enrolment(None if asked is None else ours(wish), None, None, table.NAMES)
    assert not isinstance(planned(replace(seen, settings=wanted), cycle).action, Evict)


@given(worlds(), st.integers(1, 20))
@MANY
def test_no_pod_is_replaced_while_in_back_off(world: tuple[View, Context], failures: int) -> None:
    seen, cycle = world
    assert seen.podsize
    wait = BackOff(failures, timestamps.text(NOW + 100))
    status = replace(seen.podsize.status, backoff=wait)
    waiting = replace(seen, podsize=replace(seen.podsize, status=status))
    assert not isinstance(planned(waiting, cycle).action, Evict)


@given(worlds())
@MANY
def test_every_workload_settles_with_all_pods_as_the_store_says_or_a_reason(
    world: tuple[View, Context],
) -> None:
    """Eventually stable: usage below the threshold, actions carried out, then no more actions."""
    seen, cycle = world
    calm = replace(cycle, minute_of=using(nginx=0.0, side=0.0))
    for _ in range(4 * len(seen.pods) + 6):
        plan = planned(seen, calm)
        if isinstance(plan.action, Wait):
            break
        seen = carried_out(seen, plan)
    assert isinstance(planned(seen, calm).action, Wait), planned(seen, calm)
    assert seen.podsize and seen.podsize.status.reason


@given(worlds())
@MANY
def test_a_size_by_hand_is_stored_completely_or_not_at_all(world: tuple[View, Context]) -> None:
    seen, cycle = world
    assert seen.podsize
    new = new_size(seen, planned(seen, cycle))
    if new is None or not seen.podsize.by_hand or planned(seen, cycle).decisions:
        return
    before = inject(seen.size, manifest_of(seen))
    for c in seen.podsize.by_hand:
        if c.name not in new or known(seen).container(c.name).mode not in (Mode.AUTO, Mode.INITIAL):
            continue
        for resource in ("cpu", "memory"):
            for part in ("requests", "limits"):
                wished = getattr(c.size, part)[resource]
                got = getattr(new[c.name], part)[resource]
                was = getattr(before[c.name], part)[resource]
                assert wished is None or got in (wished, was)


@given(worlds())
@MANY
def test_the_revision_only_ever_grows(world: tuple[View, Context]) -> None:
    """Through leaving and coming back as well: pods remember the revisions that they were given."""
    seen, cycle = world
    highest = 0
    for wish in (None, {"mode": "off"}, {"mode": "auto"}, {"mode": "observe"}, {"mode": "auto"}):
        if wish is not None:
            seen = replace(seen, settings=enrolment(ours(wish), None, None, table.NAMES))
        for _ in range(3):
            before = seen.size
            seen = carried_out(seen, planned(seen, cycle))
            if seen.size and seen.size != before and seen.size.containers:
                assert seen.size.revision >= highest
                highest = max(highest, seen.size.revision)


@pytest.mark.parametrize(("used", "writes"), [(0.0, 1), (199.0, 1), (201.0, 0), (449.0, 0)])
def test_an_idle_workload_is_written_to_once_if_at_all(used: float, writes: int) -> None:
    """That it is at its minimum is news, once."""
    seen = view(pod("a", NGINX), pod("b", NGINX))
    seen = carried_out(seen, planned(seen, context(using(nginx=used))))
    stretches: Stretches = {}
    written = 0
    for second in range(0, 7200, 60):
        cycle = context(using(nginx=used), now=NOW + second, stretches={seen.workload: stretches})
        plan = planned(seen, cycle)
        seen, stretches = carried_out(seen, plan), plan.stretches
        written += not isinstance(plan.action, Wait)
    assert written == writes
