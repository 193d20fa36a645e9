"""What the status says of an action that waits, because somebody refused it."""

from store.model import Phase
from store.reasons import Reason
from tests.bench.cycle import Town
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


def test_of_many_that_are_due_the_first_pods_are_tried_before_the_last_size_is_stored() -> None:
    """Each write takes a tenth of a second. No webhook is there: each try ends with that."""
    town = Town(2, 12, 1, disruption="evict", **{"single-replica": "restart"})
    town.settle()
    town.loop.clock = lambda: town.now + 0.1 * len(town.api.writes)
    town.used = 1.0
    seen: list[int] = []
    while not seen or seen[-1] < len(town.names):
        town.api.writes.clear()
        town.loop.cadence.hurry = False
        town.cycle()
        doubled = [n for n in town.names if town.podsize(n)["status"]["size"]["revision"] == 2]
        tried = town.podsize("web-0")["status"]["reason"] == Reason.WEBHOOK_UNVERIFIED
        if doubled:
            assert tried == (len(seen) > 0), "in the next cycle"
            assert town.loop.cadence.hurry == (len(doubled) < len(town.names)), "at once"
            seen.append(len(doubled))
    assert seen == [4, 9, 12], seen


def test_what_is_done_without_a_new_size_is_left_to_no_other_cycle() -> None:
    town = Town(2, 12, 1)
    town.loop.clock = lambda: town.now + 1.0 * len(town.api.writes)
    town.cycle()
    assert len(town.api.writes) >= len(town.names)
    assert not town.loop.cadence.hurry
