"""What `sizing` makes of a policy that it has never seen, and that moves memory as well as CPU."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.policies import table
from scaler.policies.policy import Container, Down, Policy, Usage
from scaler.policies.proposal import Proposal
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.status import change_log
from scaler.usage.window import Minute
from store import amounts
from store.injection import inject
from store.model import Size, Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import (
    LONG_AGO,
    MI,
    NGINX,
    NOW,
    asked,
    hand,
    injected,
    owner,
    pod,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import ceiling
from tests.unit.scaler.sizing.deciding import ranged

R = Reason
NAME = "stand-in"
TWO = {"nginx": size(), "side": size((100, 100))}
MinuteOf = Callable[[objects.Pod, str], Minute]


def _share(container: Container, usage: Usage) -> float:
    base = amounts.base_of(container.size, container.resource)
    assert base
    minutes = [m for m in usage.minutes if isinstance(m, Minute)]
    used = [m.mean if container.resource == "cpu" else m.memory for m in minutes]
    return max(used, default=0.0) / base.value


def _up(container: Container, usage: Usage) -> Proposal:
    share, base = _share(container, usage), amounts.base_of(container.size, container.resource)
    said = f"{container.name}'s {container.resource} at {100 * share:.0f} %"
    if base is None or share < 0.9:
        return Proposal(None, R.IN_BOUNDS, said, share)
    return Proposal(3 * base.value, R.TRACKED, said, share)


def _down(container: Container, usage: Usage) -> Down:
    base = amounts.base_of(container.size, container.resource)
    if base is None or _share(container, usage) > 0.1:
        return Down()
    return Down(Proposal(base.value // 4, R.TRACKED, "idle"))


def _lowered(change: Change) -> bool:
    return change.reason is R.TRACKED and change.before == "512Mi"


POLICY = Policy(
    frozenset({"cpu", "memory"}), frozenset({R.TRACKED}), _up, _down, _lowered, R.TRACKED, R.TRACKED
)


@pytest.fixture(autouse=True)
def row(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row that it would have in the table."""
    monkeypatch.setitem(cast(dict[str, Policy], table.POLICIES), NAME, POLICY)


def governed(**annotations: str) -> Settings:
    """With the stand-in policy."""
    settings = asked(**annotations)
    assert isinstance(settings, Settings)
    return replace(settings, default=replace(settings.default, policy=NAME))


def seen(*pods: objects.Pod, **more: Any) -> View:
    return view(*pods, settings=more.pop("settings", governed()), **more)


def using(cpu: float, memory: int, **of: tuple[float, int]) -> MinuteOf:
    """Millicores and MiB of each container, but for those that are named."""

    def minute_of(p: objects.Pod, container: str) -> Minute:
        mean, held = of.get(container, of.get(p.metadata.name.replace("-", "_"), (cpu, memory)))
        return Minute(mean, 60.0, held * MI, NOW)

    return minute_of


def decided(about: View, usage: MinuteOf, above: Any = None) -> Decided:
    assert isinstance(about.settings, Settings)
    return decide(about, about.settings, Watched(usage, NOW), above or ceiling())


def outcome(got: Decided, came: dict[str, Size] = NGINX) -> dict[str, Size]:
    return inject(got.size, came)


def test_both_resources_are_stepped_in_one_change_and_logged_each() -> None:
    about = seen()
    got = decided(about, using(480, 120))
    assert outcome(got) == {"nginx": size((750, 1500), (192, 384))}
    lines = change_log.changes(about, got, NOW)
    assert [(c.resource, c.before, c.after, c.reason) for c in lines] == [
        ("cpu", "500m", "1500m", R.TRACKED),
        ("memory", "128Mi", "384Mi", R.TRACKED),
    ]


def test_each_resource_is_decided_on_its_own() -> None:
    got = decided(seen(), using(100, 120))
    assert outcome(got) == {"nginx": size(memory=(192, 384))}
    assert [(d.resource, d.reason) for d in got.decisions] == [
        ("cpu", R.IN_BOUNDS),
        ("memory", R.TRACKED),
    ]


def test_each_container_has_its_own_policy() -> None:
    settings = asked(limits__side="ratio")
    assert isinstance(settings, Settings)
    side = replace(settings.containers["side"], policy=NAME)
    settings = replace(settings, containers={"side": side})
    about = view(pod("a", TWO), pod("b", TWO), settings=settings, whose=owner(TWO))
    got = decided(about, using(480, 120, side=(95, 120)))
    assert outcome(got, TWO) == {
        "nginx": size((500, 1000)),
        "side": size((300, 300), (192, 384)),
    }
    lines = change_log.changes(about, got, NOW)
    assert [(c.container, c.resource, c.reason) for c in lines] == [
        ("nginx", "cpu", R.DOUBLED),
        ("side", "cpu", R.TRACKED),
        ("side", "memory", R.TRACKED),
    ]


def test_what_the_user_keeps_from_it_it_leaves_alone() -> None:
    cpu_only = decided(seen(settings=governed(resources="cpu")), using(480, 120))
    assert outcome(cpu_only) == {"nginx": size((750, 1500))}
    by_hand = decided(seen(by_hand=[hand(memory=(70, 140))]), using(480, 140))
    assert outcome(by_hand) == {"nginx": size((750, 1500), (70, 140))}


def test_bounds_hold_for_memory_too() -> None:
    got = decided(seen(settings=governed(memory_max="256Mi")), using(100, 120))
    assert outcome(got) == {"nginx": size(memory=(128, 256))}
    assert got.message == (
        "nginx's memory at 94 %; 256Mi instead of 384Mi: 384Mi is above memory-max, 256Mi"
    )
    at_most = decided(seen(settings=governed(memory_max="128Mi")), using(100, 120))
    assert (at_most.size, at_most.reason) == (None, R.AT_MAXIMUM)
    at_least = decided(seen(settings=governed(memory_min="512Mi")), using(100, 120))
    assert outcome(at_least) == {"nginx": size(memory=(256, 512))}


def test_a_step_down_is_as_small_as_is_allowed_and_below_the_manifest_if_the_policy_says_so() -> (
    None
):
    got = decided(seen(), using(300, 1))
    assert outcome(got) == {"nginx": size(memory=(16, 32))}
    assert (got.reason, got.message) == (R.TRACKED, "nginx's memory at 1 %; idle")
    ranges = ranged(min={"memory": "32Mi"})()
    higher = decided(seen(), using(300, 1), ranges)
    [memory] = [d for d in higher.decisions if d.resource == "memory"]
    assert memory.target is not None and memory.target.requests.memory is not None
    assert 32 * MI <= memory.target.requests.memory < 33 * MI
    assert "instead of 32Mi" in memory.message


def test_nothing_shrinks_while_another_resource_grows() -> None:
    got = decided(seen(), using(480, 1))
    assert outcome(got) == {"nginx": size((750, 1500))}


def test_a_size_that_was_rolled_back_is_not_tried_again() -> None:
    line = Change(LONG_AGO, 2, "nginx", "memory", "32Mi", "128Mi", R.ROLLED_BACK)
    got = decided(seen(status=Status(changes=(line,))), using(300, 1))
    [memory] = [d for d in got.decisions if d.resource == "memory"]
    assert memory.target and (memory.target.limits.memory or 0) > 32 * MI
    assert "32Mi was rolled back" in memory.message


@pytest.mark.parametrize(("reason", "counts"), [(R.TRACKED, True), (R.MANUAL, False)])
def test_after_a_step_down_of_memory_a_pod_that_has_more_still_counts(
    reason: Reason, counts: bool
) -> None:
    now = size(memory=(64, 128))
    had = {"nginx": size(memory=(256, 512))}
    line = Change(LONG_AGO, 2, "nginx", "memory", "512Mi", "128Mi", reason)
    pods = pod("web-1", had), injected("web-2", None, {"nginx": now})
    about = seen(*pods, status=Status(changes=(line,)), whose=owner({"nginx": now}))
    got = decided(about, using(100, 50, web_1=(100, 500)))
    assert (got.size is not None) is counts


def test_another_autoscaler_keeps_its_resource() -> None:
    others = replace(seen().others, by={("", "memory"): "web"})
    got = decided(replace(seen(), others=others), using(480, 120))
    assert outcome(got) == {"nginx": size((750, 1500))}
    assert [d.reason for d in got.decisions] == [R.TRACKED, R.OTHER_AUTOSCALER]


def test_a_step_of_memory_goes_into_a_size_that_has_cpu_alone() -> None:
    old = stored(2, {"nginx": size((500, 1000))})
    about = seen(injected("a", old), injected("b", old), status=Status(size=old))
    got = decided(about, using(300, 120))
    assert outcome(got) == {"nginx": size((500, 1000), (192, 384))}
    assert got.size and got.size.revision == 3
