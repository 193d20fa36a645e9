"""What of what agents say counts: the table of pinned_pods.py."""

from typing import Any

import pytest
from msgspec.structs import replace

from link.messages import Pinned
from scaler.agents.counting import Pin
from scaler.annotations.options import ContainerPolicy, Mode, Settings, Strategy
from scaler.cluster import pod_state
from scaler.cluster.view import View
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.sizing.pinned_pods import Terms, changed, minute, nothing
from scaler.usage.window import Minute
from store.model import Sizes, Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import DOUBLED, NGINX, NOW, pod, stored, view
from tests.unit.scaler.cycles import ceiling, using
from tests.unit.scaler.running import running

ID = "a" * 64


def pin(quota: float = 500.0, ago: float = 0.1) -> Pin:
    """Pinned for half a second at that quota."""
    return Pin(NOW - ago, Pinned(ID, 0.5, 0.98 * quota, quota, 1.0))


def counted(said: Pin | None, sizes: Sizes = NGINX, **more: Any) -> Minute | None:
    """Of a pod that has run for an hour; `since`, `ready`: of the pod, the rest: Terms."""
    made = running("web-1", {"nginx": ID}, sizes, since=more.pop("since", NOW - 3600.0))
    state = replace(pod_state.of(made, None), ready=more.pop("ready", True))
    return minute(state, "nginx", said, Terms(NOW, **more))


def test_it_counts_in_the_place_of_a_minute() -> None:
    assert counted(pin()) == Minute(490.0, 0.5, 0, NOW - 0.1, 490.0, throttled=1.0)


@pytest.mark.parametrize(
    ("said", "more"),
    [
        (None, {}),
        (pin(1000.0), {}),
        (pin(511.0), {}),
        (pin(), {"changed": NOW - 0.5}),
        (pin(), {"since": NOW - 30.0, "start": 40.0}),
        (pin(), {"since": NOW - 59.0, "ready": False}),
    ],
    ids=[
        *("nothing said", "another limit", "more than rounding", "began before the last change"),
        *("its start-up", "not Ready yet"),
    ],
)
def test_it_does_not_count(said: Pin | None, more: dict[str, Any]) -> None:
    assert counted(said, **more) is None


@pytest.mark.parametrize(
    "more",
    [
        {"changed": NOW - 0.7},
        {"since": NOW - 41.0, "start": 40.0},
        {"since": NOW - 61.0, "ready": False},
        {"since": NOW - 5.0},
    ],
    ids=["after the last change", "after its start-up", "overloaded", "Ready at once"],
)
def test_it_counts(more: dict[str, Any]) -> None:
    assert counted(pin(), **more) is not None


@pytest.mark.parametrize(("limit", "quota"), [(500, 510.0), (5, 10.0), (255, 260.0)])
def test_the_kernel_may_round_a_limit(limit: int, quota: float) -> None:
    sizes = {"nginx": replace(NGINX["nginx"], limits=replace(NGINX["nginx"].limits, cpu=limit))}
    assert counted(pin(quota), sizes) is not None


def test_a_container_without_a_limit_is_never_pinned() -> None:
    sizes = {"nginx": replace(NGINX["nginx"], limits=replace(NGINX["nginx"].limits, cpu=None))}
    assert counted(pin(), sizes) is None


def test_when_its_cpu_was_last_changed() -> None:
    of = ("2026-11-23T20:29:00Z", 2, "nginx", "cpu", "250m", "500m", Reason.DOUBLED)
    older = ("2026-11-23T20:00:00Z", 1, "nginx", "cpu", "125m", "250m", Reason.DOUBLED)
    log = [Change(*of), Change(*older)]
    assert changed(log, "nginx") == NOW - 60.0
    assert changed(log, "side") == 0.0


SWITCHES = {"on": True, "off": False}


def decided(seen: View, said: Pin, *, burst: bool = True) -> Decided:
    """Of a workload whose minute is calm, and all of whose pods are pinned just now."""
    default = ContainerPolicy("double", burst=burst)
    settings = Settings(Mode.AUTO, default, strategy=Strategy.RESIZE)
    watched = Watched(using(nginx=10), NOW, pinned_of=lambda p, n: said)
    return decide(replace(seen, settings=settings), settings, watched, ceiling())


@pytest.mark.parametrize("burst", SWITCHES.values(), ids=SWITCHES)
def test_a_pinned_pod_doubles_the_workload_where_that_is_asked_for(burst: bool) -> None:
    got = decided(view(pod("web-1"), pod("web-2")), pin(), burst=burst)
    assert got.size == (stored(1, stamped=False) if burst else None)
    assert got.reason is (Reason.DOUBLED if burst else Reason.IN_BOUNDS)


def test_a_pod_of_another_size_says_nothing() -> None:
    old = view(pod("web-1"), status=Status(size=stored()))
    assert decided(old, pin(500.0)).size == stored()
    has = pod("web-1", {"nginx": DOUBLED}, stamp_of=(1, NGINX))
    again = decided(view(has, status=Status(size=stored())), pin(1000.0))
    assert again.size and again.size.revision == 2, "without a cool-down"


def test_without_an_agent_nothing_is_pinned() -> None:
    assert nothing(pod("web-1"), "nginx") is None
