"""What counts as a question about what others have, and what does not."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from scaler.cluster.snapshot import Snapshot
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


def asked(question: Question, shot: Snapshot) -> bool:
    nodes = Nodes(shot)
    question(context.of(Look(shot, [view()], nodes), Options(("", "")), using(), NOW))
    return nodes.questions.asked > 0


@pytest.mark.parametrize(
    ("question", "shot", "counts"),
    [
        (lambda c: c.obstacle([OURS], cpus(1000)), SHOT, True),
        (lambda c: c.places.unschedulable(OURS, cpus(1200)), SHOT, True),
        (lambda c: c.places.unschedulable(OURS, cpus(1000)), SHOT, False),
        (lambda c: c.places.unmodelled(OURS), SHOT, True),
        (lambda c: c.places.beside(OURS, cpus(1000)), SHOT, True),
        (lambda c: c.places.silent(OURS), SHOT, False),
        (lambda c: c.places.short(OURS, NOW), SHOT, False),
        (lambda c: c.places.exclusive(OURS), SHOT, False),
        (lambda c: c.adopter(OURS), SHOT, True),
        (lambda c: c.quota(view(), [], {}), SHOT, False),
        (lambda c: c.quota(view(), [], {}), LIMITED, True),
        (lambda c: c.quota_now(view(), [], {}), LIMITED, True),
        (lambda c: c.quota_beside(view(), [], {}), LIMITED, True),
    ],
    ids=[
        *("room", "more room", "its own place", "what is modelled", "beside", "its node", "short"),
        *("claims", "adopters", "no quota", "a quota", "a quota now", "a quota beside"),
    ],
)
def test_a_question(question: Question, shot: Snapshot, counts: bool) -> None:
    assert asked(question, shot) is counts


def test_they_are_counted_on_while_pods_change() -> None:
    first = Nodes(SHOT)
    assert Nodes.of(replace(SHOT, pods={}), first).questions is first.questions
