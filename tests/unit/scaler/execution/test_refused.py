"""Somebody's admission refuses what we ask: seen before it is done, reported once, seldom asked."""

from collections.abc import Callable

import pytest

from kube.errors import (
    Forbidden,
    Invalid,
    KubeError,
)
from scaler.execution.rights_policy import WORDS, RightsPolicy
from store.annotations import SURPLUS
from store.model import Phase
from store.reasons import Reason
from tests.fakes import FakeGateway, Json
from tests.unit.scaler.execution.surging import Surging, until_held

HOUSE = Forbidden(403, "Forbidden", "admission policy 'house' denied request: keep off")
Refuses = Callable[[str, str, Json], bool]


def refuse(world: Surging, refuses: Refuses, error: KubeError = HOUSE) -> None:
    world.api.policy = lambda verb, path, body: error if refuses(verb, path, body) else None


def updates(verb: str, path: str, body: Json) -> bool:
    return verb == "PATCH" and "/pods/" in path


def drains(verb: str, path: str, body: Json) -> bool:
    return updates(verb, path, body) and "labels" in body["metadata"]


def deletes(verb: str, path: str, body: Json) -> bool:
    return verb == "DELETE" and "/pods/" in path


def really_drains(verb: str, path: str, body: Json) -> bool:
    return drains(verb, path, body) and "ownerReferences" not in body["metadata"]


def really_deletes(verb: str, path: str, body: Json) -> bool:
    return deletes(verb, path, body) and "dryRun" not in body


@pytest.fixture
def world() -> Surging:
    made = Surging()
    made.cycle(2)
    made.load.used = 490
    return made


EACH = pytest.mark.parametrize("refuses", [updates, drains, deletes])


def notes(world: Surging, reason: str) -> list[str]:
    found = world.api.list("/apis/events.k8s.io/v1/events")
    return [e["note"] for e in found if e["reason"] == reason]


@EACH
def test_the_only_pod_stays_and_nothing_is_counted(world: Surging, refuses: Refuses) -> None:
    (old,) = world.pods
    world.listed(old)
    refuse(world, refuses)
    world.cycle(60, 5.0)
    status = world.status
    assert (status.phase, status.reason) == (Phase.BLOCKED, Reason.REFUSED)
    assert "keep off" in status.message
    assert status.restarts.count == 0
    assert list(world.pods) == [old] and not world.held()
    assert len(notes(world, "Refused")) == 1 and "keep off" in notes(world, "Refused")[0]


@EACH
def test_it_costs_few_writes_in_ten_minutes(world: Surging, refuses: Refuses) -> None:
    world.listed(*world.pods)
    refuse(world, refuses)
    world.cycle(4, 5.0)
    before = len(world.api.writes)
    world.cycle(300, 2.0)
    assert len(world.api.writes) - before <= 10


@EACH
def test_two_pods_are_evicted_instead(refuses: Refuses) -> None:
    world = Surging()
    world.annotate(2, mode="auto")
    world.api.settle()
    world.cycle(2)
    world.listed(*world.pods)
    world.load.used = 490
    refuse(world, refuses)
    world.cycle(10, 3.0)
    assert world.limits() == ["1", "1"]
    assert not any("labels" in w or ("PATCH" in w and "/pods/" in w) for w in world.api.writes)
    assert any("keep off" in note for note in notes(world, "SurgeUnavailable"))


def test_once_it_is_allowed_it_is_done(world: Surging) -> None:
    (old,) = world.pods
    refuse(world, updates)
    world.cycle(6, 5.0)
    refuse(world, lambda verb, path, body: False)
    world.cycle(40, 10.0)
    assert old not in world.pods and world.limits() == ["1"]


@pytest.mark.parametrize("refuses", [really_drains, really_deletes])
def test_refused_only_later_it_is_handed_back(world: Surging, refuses: Refuses) -> None:
    if refuses is really_drains:
        world.listed(*world.pods)
    old = until_held(world)
    if refuses is really_drains:
        world.listed(*world.pods)
    marks: list[Json] = []

    def recorded(verb: str, path: str, body: Json) -> bool:
        if old in path and "ownerReferences" in body.get("metadata", {}):
            marks.append(body["metadata"].get("annotations"))
        return refuses(verb, path, body)

    refuse(world, recorded)
    world.cycle(3, 1.0)
    assert not world.held()
    assert marks == [SURPLUS], "its owner takes it, not its replacement"
    owners = [p["metadata"]["ownerReferences"][0]["kind"] for p in world.pods.values()]
    assert owners == ["ReplicationController"], old
    assert any("handed back: admission policy" in note for note in notes(world, "Refused"))


def test_refused_after_the_drain_it_says_so_and_asks_less_and_less_often(world: Surging) -> None:
    world.listed(*world.pods)
    old = until_held(world)
    world.listed(*world.pods)
    world.cycle(2, 0.5)
    asked: list[float] = []

    def policy(verb: str, path: str, body: Json) -> Exception | None:
        if not deletes(verb, path, body):
            return None
        asked.append(world.now)
        return HOUSE

    world.api.policy = policy
    world.cycle(300, 1.0)
    assert world.held() == [old]
    assert (world.status.phase, world.status.reason) == (Phase.BLOCKED, Reason.REFUSED)
    assert len(notes(world, "Refused")) == 1
    assert len(asked) <= 7, asked


def test_a_podsize_that_may_not_be_made_is_told_once_and_asked_for_seldom() -> None:
    world = Surging()
    asked: list[str] = []

    def policy(verb: str, path: str, body: Json) -> Exception | None:
        if verb == "POST" and "/podsizes/" in path:
            asked.append(path)
            return Forbidden(403, "Forbidden", "exceeded quota: count/podsizes.podtailor.io")
        return None

    world.api.policy = policy
    world.cycle(300, 1.0)
    assert len(asked) <= 7
    assert len(notes(world, "Refused")) == 1


def test_an_eviction_that_a_policy_refuses() -> None:
    world = Surging()
    world.annotate(2, mode="auto", disruption="evict")
    world.api.settle()
    world.cycle(2)
    world.load.used = 490
    refuse(world, lambda verb, path, body: path.endswith("/eviction"))
    world.cycle(60, 2.0)
    assert world.status.reason is Reason.REFUSED
    assert world.status.restarts.count == 0
    assert len(notes(world, "Refused")) == 1


def test_who_does_no_dry_runs_is_tried_on_the_pod(world: Surging) -> None:
    (old,) = world.pods
    refusal = Invalid(400, "BadRequest", 'admission webhook "a.b" does not support dry run')
    world.api.policy = lambda v, p, b: refusal if deletes(v, p, b) and "dryRun" in b else None
    world.cycle(8, 3.0)
    assert old not in world.pods and world.status.restarts.count == 1


class Tenants(FakeGateway):
    """Updates of one namespace's pods are refused, with what is in them."""

    def patch(self, path: str, body: object, kind: str = "", **query: str) -> bytes:
        if "/tenant/" in path:
            raise Invalid(422, "Invalid", 'Pod "secret" is invalid: env: {PASSWORD: hunter2}')
        raise Forbidden(403, "Forbidden", f"denied request: {WORDS}")


def test_what_one_namespace_refuses_is_neither_told_nor_held_against_another() -> None:
    now = [0.0]
    policy = RightsPolicy(Tenants(), monotonic=lambda: now[0])
    for _ in range(3):
        refusal = policy.shortcoming("tenant", "secret")
        assert refusal and "hunter2" in refusal
        assert policy.shortcoming("free", "web-1") is None
        assert policy.problem("free") is None and not policy.refused("free")
        assert "hunter2" in (policy.problem("tenant") or "") and policy.refused("tenant")
        now[0] += 30.0


def test_who_is_in_the_way_is_asked_less_and_less_often() -> None:
    now, asked = [0.0], []

    class Counting(Tenants):
        def patch(self, path: str, body: object, kind: str = "", **query: str) -> bytes:
            asked.append(now[0])
            return super().patch(path, body, kind, **query)

    policy = RightsPolicy(Counting(), monotonic=lambda: now[0])
    policy.shortcoming("tenant", "secret")
    for second in range(1, 600):
        now[0] = float(second)
        if policy.problem("tenant") is None:
            policy.shortcoming("tenant", "secret")
    assert asked == [0.0, 20.0, 320.0]
