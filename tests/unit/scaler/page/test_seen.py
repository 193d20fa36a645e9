"""What the loop hands over, and that it hands it over."""

from scaler.model import Plan, Standing, Wait
from scaler.page.seen import Seen
from store.model import Phase
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, view, workload
from tests.unit.scaler.world import World


def test_a_plan_is_found_by_its_workload() -> None:
    plan = Plan(workload(), Standing(Phase.SETTLED, Reason.IN_BOUNDS, ""), Wait())
    seen = Seen((view(),), (plan,), NOW)
    assert seen.plan_of(workload()) is plan
    assert seen.plan_of(workload("Deployment")) is None


def test_each_cycle_hands_over_what_it_saw_and_planned() -> None:
    world = World()
    assert world.loop.seen == Seen()
    world.cycle(2)
    seen = world.loop.seen
    assert seen.at == world.now and [v.workload.name for v in seen.views] == ["web"]
    assert seen.plan_of(seen.views[0].workload) is not None
