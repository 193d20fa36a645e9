"""What one cycle decides again, and what it keeps."""

import pytest
from msgspec.structs import replace

from link.messages import Pinned
from scaler.agents.counting import Pin
from scaler.cluster.view import View
from scaler.feasibility.rescheduling import Nodes
from scaler.kept_plans import KeptPlans, News
from scaler.model import Plan, Standing, Wait
from scaler.planning.context import Context, Look
from scaler.planning.kept import Ground
from store.model import Phase, Status
from store.reasons import Reason
from tests.fakes import Json
from tests.unit.scaler.builders import NOW, injected, pod, stored, view
from tests.unit.scaler.cycles import context
from tests.unit.scaler.snapshots import snapshot
from tests.unit.scaler.world import PODS, World

SHOT = snapshot()
GROUND = Ground(SHOT)
SIZE = stored()


class Course:
    """Cycles of one workload, of which counts how often it is decided on."""

    def __init__(self) -> None:
        self.kept_plans, self.view, self.decided = KeptPlans(), self.seen(), 0
        self.asks = False
        self.asks_quota = False
        self.pin: Pin | None = None
        self.nodes, self.shot = Nodes(SHOT), SHOT

    @staticmethod
    def seen() -> View:
        return view(injected("a", SIZE), status=Status(size=SIZE))

    def cycle(self, ground: Ground = GROUND, news: News = (), *, everything: bool = False) -> int:
        """How many workloads are decided on; all have a plan."""
        look, before = Look(self.shot, [self.view], self.nodes), self.decided
        self.kept_plans.standing(ground, look, news, everything=everything)
        again = self.kept_plans.again(look)
        about = replace(context(), pinned_of=lambda pod, name: self.pin) if self.pin else context()
        plans = self.kept_plans.plans(look, about, self.decide)
        assert [v for v, _ in plans] == [self.view]
        assert len(again) == self.decided - before
        return len(again)

    def decide(self, view: View, context: Context) -> Plan:
        self.decided += 1
        self.nodes.questions.asked += self.asks
        self.nodes.questions.of_namespace += self.asks_quota
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


def test_what_an_agent_has_just_said_is_decided_on_each_time(course: Course) -> None:
    course.pin = Pin(NOW, Pinned("a" * 64, 0.5, 950.0, 1000.0, 1.0))
    assert [course.cycle(everything=True), course.cycle(), course.cycle()] == [1, 1, 1]
    course.pin = None
    assert [course.cycle(), course.cycle()] == [1, 0]


def test_of_new_usage_only_that_of_its_own_pods_counts(course: Course) -> None:
    assert course.cycle(news={("shop", "other"), ("other", "a")}) == 0
    assert [course.cycle(news={("shop", "a")}), course.cycle()] == [1, 0]


def test_what_depends_on_others_is_decided_each_time(course: Course) -> None:
    course.asks = True
    assert [course.cycle(everything=True), course.cycle(), course.cycle()] == [1, 1, 1]


def test_what_depends_on_a_quota_is_decided_on_where_something_in_its_namespace_has_changed(
    course: Course,
) -> None:
    course.asks_quota = True
    assert [course.cycle(everything=True), course.cycle()] == [1, 0]
    course.shot = snapshot(pod("of nobody"))
    assert [course.cycle(), course.cycle()] == [1, 0]
    course.asks_quota = False
    assert course.cycle(everything=True) == 1
    course.shot = SHOT
    assert course.cycle() == 0, "without a question its neighbours are nothing to it"


QUOTA = "/api/v1/namespaces/shop/resourcequotas/q"
FILLER = f"{PODS}/filler"


def test_a_neighbour_that_goes_makes_room_for_a_plan_that_was_kept() -> None:
    """Both pods are to be doubled to 500m each, under a quota of a core that they share."""
    world = World()
    world.annotate(mode="observe")
    hard = {"requests.cpu": "1"}
    world.api.set(QUOTA, {"metadata": {"name": "q", "namespace": "shop"}, "spec": {"hard": hard}})
    world.api.set(FILLER, bare("filler", "500m"))
    world.load.used = 490
    world.cycle(4)
    assert not world.status.wish
    kept = world.loop.kept_plans.kept
    world.cycle(everything=False, seconds=1.0)
    assert [one.shared for one in kept.values()] == [True]
    assert [*world.loop.kept_plans.kept] == [*kept], "it stands while nothing happens"
    world.api.remove(FILLER)
    world.cycle(2, everything=False, seconds=1.0)
    assert world.status.wish[0].size.requests.cpu == 500


def bare(name: str, cpu: str) -> Json:
    container = {"name": "x", "image": "x", "resources": {"requests": {"cpu": cpu}}}
    meta = {"name": name, "namespace": "shop", "uid": name}
    spec = {"containers": [container], "nodeName": "node"}
    return {"metadata": meta, "spec": spec, "status": {"phase": "Running"}}
