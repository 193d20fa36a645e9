"""What the status says of an action that waits, because somebody refused it."""

from store.model import Phase
from store.reasons import Reason
from tests.unit.scaler.execution.test_asked_seldom import HOUSE, SPENT, counted, hot, of
from tests.unit.scaler.world import PODSIZE, World


def overwritten(world: World) -> None:
    made = world.api.objects[PODSIZE]
    made["status"] |= {"phase": "Applying", "reason": "PendingReplacement", "message": "wait"}
    world.api.set(PODSIZE, made)


def test_whatever_the_status_says_meanwhile_it_says_the_refusal_again_once() -> None:
    """The wait may last for minutes; a pod that is made again meanwhile is ready sooner."""
    world = hot(World)
    counted(world, of(SPENT, "/eviction"))
    world.cycle(3)
    assert world.status.reason is Reason.DISRUPTION_BUDGET
    overwritten(world)
    calls = counted(world, of(SPENT, "/eviction"))
    world.cycle(5, 1.0)
    assert (world.status.phase, world.status.reason) == (Phase.BLOCKED, Reason.DISRUPTION_BUDGET)
    assert "would violate" in world.status.message
    assert [verb for verb, _ in calls.elements()] == ["PUT"]


def test_a_status_that_may_not_be_written_is_not_tried_each_second() -> None:
    world = hot(World)
    counted(world, of(SPENT, "/eviction"))
    world.cycle(3)
    overwritten(world)
    calls = counted(world, of(HOUSE, "/status"))
    world.cycle(20, 1.0)
    assert sum(n for (verb, _), n in calls.items() if verb == "PUT") == 1
