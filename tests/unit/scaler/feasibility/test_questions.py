"""What counts as a question about what others have, and what does not."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from scaler.cluster.snapshot import Snapshot
from scaler.feasibility.questions import Questions
from scaler.feasibility.rescheduling import Nodes
from scaler.planning import context
from scaler.planning.context import Context, Look, Options
from tests.unit.scaler.builders import NOW, view
from tests.unit.scaler.cycles import using
from tests.unit.scaler.feasibility.quotas import quota
from tests.unit.scaler.shapes import cpus, node, pod

OURS = pod("web-1", "one", "1")
SHOT = Snapshot({}, {("shop", "web-1"): OURS}, {}, {("", "one"): node("one")}, {}, {})
LIMITED = replace(SHOT, quotas={("shop", "q"): quota(pods="9")})
Question = Callable[[Context], object]


def asked(question: Question, shot: Snapshot) -> Questions:
    nodes = Nodes(shot)
    question(context.of(Look(shot, [view()], nodes), Options(("", "")), using(), NOW))
    return nodes.questions


@pytest.mark.parametrize(
    ("question", "counts"),
    [
        (lambda c: c.obstacle([OURS], cpus(1000)), True),
        (lambda c: c.places.unschedulable(OURS, cpus(1200)), True),
        (lambda c: c.places.unschedulable(OURS, cpus(1000)), False),
        (lambda c: c.places.unmodelled(OURS), True),
        (lambda c: c.places.beside(OURS, cpus(1000)), True),
        (lambda c: c.places.silent(OURS), False),
        (lambda c: c.places.short(OURS, NOW), False),
        (lambda c: c.places.exclusive(OURS), False),
        (lambda c: c.adopter(OURS), True),
    ],
    ids=[
        *("room", "more room", "its own place", "what is modelled", "beside", "its node", "short"),
        *("claims", "adopters"),
    ],
)
def test_a_question_about_the_cluster(question: Question, counts: bool) -> None:
    seen = asked(question, SHOT)
    assert (seen.asked > 0, seen.of_namespace) == (counts, 0)


@pytest.mark.parametrize(
    "question",
    [
        lambda c: c.quota(view(), [], {}),
        lambda c: c.quota_now(view(), [], {}),
        lambda c: c.quota_beside(view(), [], {}),
    ],
    ids=["in the end", "now", "beside"],
)
def test_a_quota_is_asked_about_its_namespace_alone(question: Question) -> None:
    assert asked(question, LIMITED) == Questions(asked=0, of_namespace=1)
    assert asked(question, SHOT) == Questions(), "without one there is nothing to ask"
    twice = asked(lambda c: (question(c), question(c)), LIMITED)
    assert twice == Questions(asked=0, of_namespace=2)


def test_they_are_counted_on_while_pods_change() -> None:
    first = Nodes(SHOT)
    assert Nodes.of(replace(SHOT, pods={}), first).questions is first.questions
