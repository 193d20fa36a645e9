"""A limit that is pinned on a slow node says so: the table of slowed_nodes.py."""

from typing import Any

import pytest
from msgspec.structs import replace

from link.messages import NodeMinute, Pinned
from scaler.agents.counting import NodeSummary, Pin
from scaler.annotations.options import ContainerPolicy, Mode, Settings, Strategy
from scaler.cluster.view import View
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.sizing.pinned_pods import nothing
from scaler.usage.window import Minute
from store.model import Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import NOW, pod, size, view
from tests.unit.scaler.cycles import ceiling, using
from tests.unit.scaler.sizing.deciding import changed

WORDS = (
    "; node one was slow at 2026-11-23T20:30:00Z (its hardware held CPUs back 3 times in a "
    "minute), so this limit does less there"
)
HOT = NodeSummary(NOW, NodeMinute(60.0, throttles=3))
BURST = Settings(Mode.AUTO, ContainerPolicy("double", burst=True), strategy=Strategy.RESIZE)


def workload(cpu: tuple[int | None, int | None] = (250, 500), **more: Any) -> View:
    """One pod on each of two nodes."""
    sizes = {"nginx": size(cpu)}
    pods = (pod("a", sizes, nodeName="one"), pod("b", sizes, nodeName="two"))
    return view(*pods, **more)


def decided(seen: View, used: Any, slow: str = "one", pinned_of: Any = nothing) -> Decided:
    watched = Watched(used, NOW, pinned_of=pinned_of, heat_of=lambda n: HOT if n == slow else None)
    assert isinstance(seen.settings, Settings)
    return decide(seen, seen.settings, watched, ceiling())


def test_the_message_names_the_node_and_what_slows_it() -> None:
    found = decided(workload(), using(nginx=487))
    assert found.reason is Reason.DOUBLED
    assert found.message == "nginx used 487m of 500m for 60 s" + WORDS
    assert [d.message.count(WORDS) for d in found.decisions] == [1, 0], "memory has no clock"


def test_what_is_decided_is_the_same_with_heat_and_without() -> None:
    hot, cool = (decided(workload(), using(nginx=487), slow) for slow in ("one", ""))
    assert hot.size == cool.size and hot.reason == cool.reason
    assert hot.message == cool.message + WORDS


def test_a_throttled_limit_is_pinned_too() -> None:
    throttled = Minute(300.0, 60.0, 0, NOW, throttled=0.9)
    found = decided(workload(), lambda pod, name: throttled)
    assert found.reason is Reason.THROTTLED and found.message.endswith(WORDS)


def test_what_its_agent_has_seen_counts() -> None:
    pin = Pin(NOW, Pinned("a" * 64, 0.5, 500.0, 500.0, 1.0))
    seen = workload(settings=BURST)
    found = decided(seen, using(nginx=10), pinned_of=lambda pod, name: pin)
    assert found.reason is Reason.DOUBLED and found.message.endswith(WORDS)


def test_a_cooldown_does_not_hide_it() -> None:
    changes: tuple[Change, ...] = (changed(NOW - 30),)
    found = decided(workload(status=Status(changes=changes)), using(nginx=487))
    assert found.reason is Reason.COOLDOWN and found.message.endswith(WORDS)


@pytest.mark.parametrize(
    ("seen", "used", "slow"),
    [
        (workload(), 487, "three"),
        (workload(), 440, "one"),
        (workload((250, None)), 487, "one"),
        (replace(workload(), pods=()), 487, "one"),
    ],
    ids=["another node", "not pinned", "no limit", "no pods"],
)
def test_nothing_is_said(seen: View, used: int, slow: str) -> None:
    assert "slow" not in decided(seen, using(nginx=used), slow).message
