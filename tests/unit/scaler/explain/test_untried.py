"""Who only looks tries nothing: what was set off is off, all else is taken to be allowed."""

from dataclasses import replace

from scaler.cluster.view import View
from scaler.explain import untried
from scaler.feasibility.rescheduling import Nodes
from scaler.planning.context import NO_RESIZE, NO_SURGE, Context, Look
from scaler.resizing.resize_case import Refused
from tests.unit.scaler.world import World


def context(*, surge: bool, resize: bool) -> tuple[Context, View]:
    world = World()
    world.cycle()
    seen = world.loop.seen
    settings = replace(world.loop.settings, surge=surge, resize=resize)
    look = Look(seen.snapshot, seen.views, Nodes(seen.snapshot))
    minutes = world.loop.around.minute_of(seen.at)
    return untried.context(look, settings, minutes, seen.at), seen.views[0]


def test_nothing_is_refused_that_was_not_tried() -> None:
    made, view = context(surge=True, resize=True)
    assert made.no_surge is None
    assert made.unresizable(view, "uid-1") is None


def test_what_was_set_off_is_off() -> None:
    made, view = context(surge=False, resize=False)
    assert made.no_surge == NO_SURGE
    assert made.unresizable(view, "uid-1") == Refused(NO_RESIZE)
