"""Nothing restarts for a burst: the table of burst_guard.py."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.options import (
    BadAnnotation,
    ContainerPolicy,
    Mode,
    Settings,
    Strategy,
)
from scaler.cluster import pod_state
from scaler.resizing import burst_guard, pod_step
from scaler.resizing.resize_case import Refused, ResizeCase, Step, Terms, Way
from store.model import Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import DOUBLED, NGINX, NOW, pod, stored, view
from tests.unit.scaler.resized import DEFERRED, resized

R = Reason


def settings(*, burst: bool) -> Settings:
    return Settings(Mode.AUTO, ContainerPolicy("double", burst=burst), strategy=Strategy.RESIZE)


def status(
    ago: float = 10.0,
    *,
    before: str | None = "500m",
    after: str | None = "1",
    resource: str = "cpu",
) -> Status:
    at = timestamps.text(NOW - ago)
    return Status(changes=(Change(at, 1, "nginx", resource, before, after, R.DOUBLED),))


@pytest.mark.parametrize(
    ("has", "burst", "holds"),
    [
        (status(), True, True),
        (status(119.0), True, True),
        (status(120.0), True, False),
        (status(121.0), True, False),
        (status(), False, False),
        (status(after="250m"), True, False),
        (status(after="0.5"), True, False),
        (status(before=None), True, False),
        (status(after=None), True, False),
        (status(after="600m", resource="memory"), True, False),
        (Status(), True, False),
    ],
    ids=[
        "young",
        "just",
        "over",
        "old",
        "no annotation",
        "a step down",
        "the same in other words",
        "none before",
        "none since",
        "memory",
        "no change",
    ],
)
def test_for_how_long(has: Status, burst: bool, holds: bool) -> None:
    assert burst_guard.holds(has, settings(burst=burst), NOW) is holds
    seen = view(status=has, settings=settings(burst=burst))
    assert burst_guard.young(seen, NOW) is holds


def test_it_goes_by_what_is_asked_for_the_container_that_changed() -> None:
    own = ContainerPolicy("double", burst=True)
    for name, holds in {"nginx": True, "sidecar": False}.items():
        named = replace(settings(burst=False), containers={name: own})
        assert burst_guard.holds(status(), named, NOW) is holds


def test_it_does_not_hold_while_the_annotations_cannot_be_read() -> None:
    seen = view(status=status(), settings=BadAnnotation("podtailor.io/burst: perhaps"))
    assert not burst_guard.young(seen, NOW)


def case(made: objects.Pod, **terms: Any) -> ResizeCase:
    """A pod that should get twice the CPU, a few seconds after a burst."""
    state = pod_state.of(made, stored())
    seen = view(made, status=Status(size=stored()))
    return ResizeCase(seen, state, True, Terms(NOW, **{"burst": True, **terms}))


def late() -> objects.Pod:
    """Its kubelet has deferred it for longer than the deadline."""
    return resized("web-1", {"nginx": DOUBLED}, said=DEFERRED, ago=90.0)


def test_what_would_be_replaced_waits() -> None:
    found = pod_step.step(case(late()))
    assert (found.way, found.reason) == (Way.BLOCKED, R.NO_NODE_FITS)
    assert found.why.endswith("; nothing is replaced for a burst")
    assert pod_step.step(case(late(), burst=False)).way is Way.REPLACE


def test_a_refusal_is_a_reason_to_wait_and_not_to_evict() -> None:
    refused = {"refused": lambda state: Refused("not here", R.REFUSED)}
    made = resized("web-1", NGINX)
    assert pod_step.step(case(made, **refused)).way is Way.BLOCKED
    assert pod_step.step(case(made, burst=False, **refused)).way is Way.REPLACE


def test_what_is_no_replacement_stays_as_it_is() -> None:
    for way in (Way.RESIZE, Way.WAIT, Way.ROLL_BACK, Way.LEAVE):
        assert burst_guard.guarded(Step(way, "why")) == Step(way, "why")


@pytest.mark.parametrize(
    ("resource", "policy", "restarts"),
    [
        ("cpu", "RestartContainer", True),
        ("cpu", "NotRequired", False),
        ("memory", "RestartContainer", False),
    ],
)
def test_a_container_that_a_change_of_cpu_would_restart(
    resource: str, policy: str, restarts: bool
) -> None:
    made = pod("web-1")
    policies = [objects.pods.ResizePolicy(resource, policy)]
    spec = replace(
        made.spec, containers=[replace(c, resize_policy=policies) for c in made.spec.containers]
    )
    found = burst_guard.restarting(pod_state.of(replace(made, spec=spec), None))
    assert found == ("nginx's resizePolicy restarts it for cpu" if restarts else None)
