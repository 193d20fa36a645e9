"""The checks on the page are those of the cycle that was last."""

from functools import partial

from scaler.explain.shown import Explainer
from store.reasons import Reason
from tests.unit.scaler.world import World


def explainer(world: World) -> Explainer:
    loop = world.loop

    return Explainer(
        loop.settings,
        loop.memory,
        loop.permissions,
        lambda now: partial(world.load.minute, now=now),
    )


def test_what_the_page_says_is_what_the_last_cycle_did() -> None:
    world = World()
    world.cycle(3)
    made = explainer(world)
    calm = made.of(world.loop.seen.views[0], world.loop.seen)
    assert calm is not None and not calm.explained.acts
    assert calm.explained.reason == world.status.reason == Reason.IN_BOUNDS
    assert "a minute at 90 %" in calm.to_act
    world.load.used = 490.0
    world.cycle()
    hot = made.of(world.loop.seen.views[0], world.loop.seen)
    assert hot is not None and hot.explained.action.startswith("store a size: nginx cpu 1")
    assert world.status.size is not None, "it did"


def test_nodes_are_counted_once_for_each_look() -> None:
    world = World()
    world.cycle(3)
    made, seen = explainer(world), world.loop.seen
    made.of(seen.views[0], seen)
    first = made._made
    made.of(seen.views[0], seen)
    assert made._made is first
    world.cycle()
    made.of(world.loop.seen.views[0], world.loop.seen)
    assert made._made is not first


def test_a_workload_with_bursts_says_who_tells_of_its_nodes() -> None:
    world = World()
    world.annotate(mode="auto", strategy="resize", burst="on")
    world.cycle(3)
    shown = explainer(world).of(world.loop.seen.views[0], world.loop.seen)
    assert shown and shown.agents[-1] == (
        "nginx: raised 0 times in ten minutes, 3 of 3 bursts are left"
    )
