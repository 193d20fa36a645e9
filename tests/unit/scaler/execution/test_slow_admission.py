"""A webhook of somebody that does not answer in time: said, asked seldom, nobody else waits."""

from collections.abc import Callable

import pytest

from kube.errors import KubeError, Unreachable
from store.model import Phase
from store.reasons import Reason
from tests.fakes import Json
from tests.unit.scaler.execution.surging import Surging
from tests.unit.scaler.world import PODS, World

SLOW = Unreachable(0, "ReadTimeoutError", "Read timed out. (read timeout=5.0)")
AWAY = Unreachable(0, "NewConnectionError", "Connection refused")


def unanswered(world: World, error: KubeError = SLOW) -> list[str]:
    """No call that would change a pod is answered; those calls, as they are made."""
    asked: list[str] = []

    def policy(verb: str, path: str, body: Json) -> Exception | None:
        if verb == "GET" or "/namespaces/shop/pods/" not in path:
            return None
        asked.append(path)
        world.now += 5.0
        return error

    world.api.policy = policy
    return asked


def hot(made: Callable[[], World]) -> World:
    world = made()
    world.cycle(2)
    world.load.used = 490
    return world


@pytest.mark.parametrize("made", [World, Surging], ids=["by eviction", "by surge"])
def test_it_is_said_and_asked_less_and_less_often(made: type[World]) -> None:
    world = hot(made)
    before, asked = [p["metadata"]["uid"] for p in world.api.list(PODS)], unanswered(world)
    world.cycle(6, 5.0)
    status = world.status
    assert (status.phase, status.reason) == (Phase.BLOCKED, Reason.REFUSED)
    assert "no answer in time, though the API server answers" in status.message
    asked.clear()
    written = len(world.api.writes)
    world.cycle(120, 5.0)
    assert 0 < len(asked) <= 10, "in ten minutes: each of them holds up everybody"
    assert len(world.api.writes) - written <= 1, world.api.writes[written:]
    assert [p["metadata"]["uid"] for p in world.api.list(PODS)] == before
    assert world.status.restarts.count == 0


def test_a_server_that_is_away_is_nobody_s_refusal() -> None:
    world = hot(World)
    unanswered(world, AWAY)
    world.cycle(6, 5.0)
    assert world.status.reason is not Reason.REFUSED


def test_once_it_answers_again_the_pod_is_replaced() -> None:
    world = hot(World)
    unanswered(world)
    world.cycle(6, 5.0)
    world.api.policy = lambda verb, path, body: None
    world.cycle(60, 10.0)
    assert set(world.limits()) == {"1"}
