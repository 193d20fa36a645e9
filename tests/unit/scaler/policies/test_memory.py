"""The memory rules of `double`: every row of memory.py's table, and that healing ends."""

from typing import Any

import pytest

from kube import timestamps
from scaler.annotations.options import ContainerPolicy, Limits
from scaler.policies import memory, step
from scaler.policies.policy import Container, Kill, Usage
from scaler.policies.table import NAMES
from scaler.usage.window import Minute
from store import amounts
from store.model import Size
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import MI, NOW, size
from tests.unit.scaler.policies.looks import minute

R = Reason
KEEP, NONE = {"limits": Limits.KEEP}, {"limits": Limits.RATIO}
DAY = 86400.0


def has(*pair: int | None) -> Size:
    return size(memory=(pair[0], pair[1]))


def container(size: Size, **options: Any) -> Container:
    return Container("web", "memory", size, size, ContainerPolicy(NAMES.default, **options))


def needs(mib: float, peak: float = 0.0, **more: Any) -> Minute:
    needed: Any = {"needed": int(mib * MI), "needed_peak": int(max(mib, peak) * MI)}
    return Minute(10.0, 60.0, 120 * MI, NOW, **needed, **more)


def kill(mib: int, ago: float = 5.0) -> Kill:
    return Kill(NOW - ago, mib * MI)


def up(size: Size, *seen: Any, kills: tuple[Kill, ...] = (), **options: Any) -> Any:
    return memory.up(container(size, **options), Usage(NOW, list(seen), kills=kills))


@pytest.mark.parametrize(
    ("has", "seen", "options", "mib", "reason"),
    [
        pytest.param(has(64, 128), needs(116), {}, 256, R.MEMORY_PRESSURE, id="90 % of the limit"),
        pytest.param(has(64, 128), needs(115), {}, None, R.IN_BOUNDS, id="just below"),
        pytest.param(has(None, 128), needs(116), {}, 256, R.MEMORY_PRESSURE, id="limit only"),
        pytest.param(has(64, None), needs(60), {}, 128, R.MEMORY_PRESSURE, id="request only"),
        pytest.param(has(64, 128), needs(2), {}, None, R.IN_BOUNDS, id="page cache is no need"),
        pytest.param(has(64, 128), needs(2, short=True), {}, None, R.IN_BOUNDS,
                     id="page cache reaches the limit"),
        pytest.param(has(64, 128), needs(90, 103, short=True), {}, 256, R.MEMORY_PRESSURE,
                     id="the kernel shows a shortage"),
        pytest.param(has(64, 128), needs(90, 103, short=False), {}, None, R.IN_BOUNDS,
                     id="no shortage"),
        pytest.param(has(64, 128), needs(90, 103), {}, None, R.IN_BOUNDS, id="not known"),
        pytest.param(has(64, 128), minute(10.0), {}, None, R.NO_USAGE, id="its node does not say"),
        pytest.param(has(64, 128), minute(R.STALE_USAGE), {}, None, R.STALE_USAGE, id="no minute"),
        pytest.param(Size(), needs(99), {}, None, R.NOTHING_TO_SCALE, id="neither"),
        pytest.param(has(0, None), needs(9), {}, None, R.NOTHING_TO_SCALE, id="twice nothing"),
        pytest.param(has(48, 128), needs(120), KEEP, 96, R.MEMORY_PRESSURE, id="`keep`"),
        pytest.param(has(100, 128), needs(120), KEEP, 128, R.MEMORY_PRESSURE, id="up to the limit"),
        pytest.param(has(128, 128), needs(120), KEEP, None, R.AT_MAXIMUM, id="`keep`: there"),
    ],
)  # fmt: skip
def test_a_container_needs(
    has: Size, seen: Any, options: dict[str, Any], mib: int | None, reason: Reason
) -> None:
    got = up(has, seen, **options)
    assert (got.value, got.reason) == (mib and mib * MI, reason)
    assert not got.urgent


@pytest.mark.parametrize(
    ("has", "kills", "options", "mib", "reason"),
    [
        pytest.param(has(64, 128), [kill(128)], {}, 256, R.OOM_KILLED, id="at its limit"),
        pytest.param(has(64, 128), [kill(64)], {}, None, R.NO_USAGE, id="at a smaller one"),
        pytest.param(has(32, 64), [kill(128)], {}, 256, R.OOM_KILLED, id="at a larger one"),
        pytest.param(has(64, 128), [kill(64), kill(128)], {}, 256, R.OOM_KILLED, id="twice"),
        pytest.param(has(64, 128), [kill(128, 8 * DAY)], {}, None, R.NO_USAGE, id="long ago"),
        pytest.param(has(64, None), [kill(128)], {}, None, R.NO_USAGE, id="no limit by now"),
        pytest.param(has(48, 128), [kill(128)], KEEP, 96, R.OOM_KILLED, id="`keep`"),
        pytest.param(has(128, 128), [kill(128)], KEEP, None, R.AT_MAXIMUM, id="`keep`: there"),
    ],
)
def test_a_container_was_killed(
    has: Size, kills: list[Kill], options: dict[str, Any], mib: int | None, reason: Reason
) -> None:
    got = up(has, kills=tuple(kills), **options)
    assert (got.value, got.reason) == (mib and mib * MI, reason)
    assert got.urgent == (reason is R.OOM_KILLED)


def test_a_kill_counts_before_what_the_pods_need_now() -> None:
    got = up(has(64, 128), needs(3), kills=(kill(128),))
    assert (got.reason, got.message) == (
        R.OOM_KILLED, "web was killed at its memory limit of 128Mi"
    )  # fmt: skip


def test_one_pod_is_enough() -> None:
    assert up(has(64, 128), needs(3), minute(10.0), needs(127)).reason is R.MEMORY_PRESSURE


def test_the_messages_say_what_was_seen() -> None:
    assert up(has(64, 128), needs(120)).message == "web needed 120Mi of 128Mi of memory for 60 s"
    short = up(has(64, 128), needs(90, 103, short=True))
    assert short.message == (
        "web was short of memory: it needed up to 103Mi of 128Mi, and had to wait for the rest"
    )


def test_a_program_that_needs_four_times_its_limit_is_healed_by_two_steps() -> None:
    """Each size raises it once, however often it was killed at that size."""
    now, steps = has(32, 32), 0
    kills: list[Kill] = []
    while (base := amounts.base_of(now, "memory")) and base.value < 128 * MI:
        kills += [Kill(NOW - 3, base.value), Kill(NOW - 1, base.value)]
        got = memory.up(container(now), Usage(NOW, [], kills=kills))
        assert got.value
        now, steps = step.with_value(now, "memory", Limits.RATIO, got.value), steps + 1
    assert steps == 2
    assert memory.up(container(now), Usage(NOW, [], kills=kills)).value is None


def change(ago: float, reason: Reason, to: str = "256Mi", **of: str) -> Change:
    named = {"container": "web", "resource": "memory", **of}
    at = timestamps.text(NOW - ago)
    return Change(at, 2, named["container"], named["resource"], "128Mi", to, reason)


@pytest.mark.parametrize(
    ("changes", "mib"),
    [
        ([], 0),
        ([change(5, R.OOM_KILLED)], 256),
        ([change(5, R.OOM_KILLED, "512Mi"), change(900, R.OOM_KILLED)], 512),
        ([change(5, R.MANUAL, "1Gi"), change(3 * DAY, R.OOM_KILLED)], 256),
        ([change(8 * DAY, R.OOM_KILLED)], 0),
        ([change(5, R.MEMORY_PRESSURE)], 0),
        ([change(5, R.OOM_KILLED, container="side")], 0),
        ([change(5, R.DOUBLED, resource="cpu")], 0),
    ],
)
def test_the_size_after_a_kill_is_a_floor_for_a_week(changes: list[Change], mib: int) -> None:
    assert memory.floor(changes, "web", NOW) == mib * MI
