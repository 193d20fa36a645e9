"""What one cycle decides again, and what it keeps."""

import pytest

from scaler.cluster.view import View
from scaler.feasibility.rescheduling import Nodes
from scaler.kept_plans import KeptPlans
from scaler.model import Plan, Standing, Wait
from scaler.planning.context import Context, Look
from scaler.planning.kept import Ground
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import injected, stored, view
from tests.unit.scaler.cycles import context
from tests.unit.scaler.snapshots import snapshot

SHOT = snapshot()
GROUND = Ground(SHOT)
SIZE = stored()


class Course:
    """Cycles of one workload, of which counts how often it is decided on."""

    def __init__(self) -> None:
        self.kept_plans, self.view, self.decided = KeptPlans(), self.seen(), 0
        self.asks = False
        self.nodes = Nodes(SHOT)

    @staticmethod
    def seen() -> View:
        return view(injected("a", SIZE), status=Status(size=SIZE))

    def cycle(self, ground: Ground = GROUND, *, everything: bool = False) -> int:
        """How many workloads are decided on; all have a plan."""
        look, before = Look(SHOT, [self.view], self.nodes), self.decided
        self.kept_plans.standing(ground, everything=everything)
        again = self.kept_plans.again(look)
        plans = self.kept_plans.plans(look, context(), self.decide)
        assert [v for v, _ in plans] == [self.view]
        assert len(again) == self.decided - before
        return len(again)

    def decide(self, view: View, context: Context) -> Plan:
        self.decided += 1
        self.nodes.questions.asked += self.asks
        return Plan(view.workload, Standing(Phase.SETTLED, Reason.IN_BOUNDS, ""), Wait())


@pytest.fixture
def course() -> Course:
    made = Course()
    assert made.cycle() == 1
    return made


def test_a_verdict_stands_until_everything_is_decided_again(course: Course) -> None:
    assert [course.cycle(), course.cycle(), course.cycle(everything=True)] == [0, 0, 1]


def test_another_view_is_decided_on(course: Course) -> None:
    course.view = course.seen()
    assert [course.cycle(), course.cycle()] == [1, 0]


def test_on_another_ground_all_are(course: Course) -> None:
    other = Ground(SHOT, stopped="paused")
    assert [course.cycle(other), course.cycle(other), course.cycle()] == [1, 0, 1]


def test_what_depends_on_others_is_decided_each_time(course: Course) -> None:
    course.asks = True
    assert [course.cycle(everything=True), course.cycle(), course.cycle()] == [1, 1, 1]
