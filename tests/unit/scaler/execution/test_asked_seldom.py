"""Ten minutes beside somebody who refuses: how many requests that would change something.

Dry runs count as well: each goes through all of the cluster's admission.
"""

from collections import Counter
from collections.abc import Callable

import pytest

from kube.errors import BUDGET, Conflict, Forbidden, KubeError, TooMany, Unreachable
from store.model import Phase
from store.reasons import Reason
from tests.fakes import Json
from tests.unit.scaler.execution.surging import Surging
from tests.unit.scaler.world import RC, World

HOUSE = Forbidden(403, "Forbidden", "admission policy 'house' denied request: keep off")
BROKEN = Unreachable(500, "InternalError", "etcdserver: request timed out")
FIRST = Conflict(409, "Conflict", "the object has been modified")
SPENT = TooMany("TooManyRequests", "would violate the pod's budget", 0.0, [BUDGET])
Calls = Counter[tuple[str, str]]
Answer = Callable[[str, str], KubeError | None]


def counted(world: World, answer: Answer = lambda verb, path: None) -> Calls:
    """All calls from now on but reads and events, and `answer` to them."""
    calls: Calls = Counter()

    def policy(verb: str, path: str, body: Json) -> Exception | None:
        if verb == "GET" or "/events" in path:
            return None
        calls[verb, path] += 1
        return answer(verb, path)

    world.api.policy = policy
    return calls


def hot(made: type[World]) -> World:
    world = made()
    world.cycle(2)
    world.load.used = 490
    return world


def edited(world: World, image: str) -> None:
    made = world.api.objects[RC]
    generation = made["metadata"].get("generation", 1) + 1
    made["spec"]["template"]["spec"]["containers"][0]["image"] = image
    made["metadata"]["generation"] = generation
    made["status"] = {**made.get("status", {}), "observedGeneration": generation}
    world.api.set(RC, made)


def image_of(world: World) -> str:
    return str(world.api.objects[RC]["spec"]["template"]["spec"]["containers"][0]["image"])


EACH_WAY = pytest.mark.parametrize("made", [World, Surging], ids=["by eviction", "by surge"])


@EACH_WAY
def test_of_a_template_that_moved_on_nothing_is_asked_but_what_can_be_read(
    made: type[World],
) -> None:
    world = hot(made)
    world.cycle()
    edited(world, "other")
    world.cycle(5)
    assert world.status.reason is Reason.TEMPLATE_CHANGED
    calls = counted(world)
    world.cycle(600, 1.0)
    assert not calls
    assert [reason for reason, _ in world.events()].count("TemplateChanged") == 1


@EACH_WAY
def test_an_edit_that_is_undone_is_seen_with_the_next_cycle(made: type[World]) -> None:
    world = hot(made)
    world.cycle()
    before = image_of(world)
    edited(world, "other")
    world.cycle(60)
    edited(world, before)
    world.cycle(2)
    assert world.status.reason is not Reason.TEMPLATE_CHANGED


@EACH_WAY
def test_a_probe_that_is_refused_is_asked_for_each_half_minute(made: type[World]) -> None:
    world = hot(made)
    calls = counted(world, lambda verb, path: HOUSE if "/podtailor-system/" in path else None)
    world.cycle(600, 1.0)
    assert world.status.reason is Reason.WEBHOOK_UNVERIFIED
    [probes] = [n for (_, path), n in calls.items() if "/podtailor-system/" in path]
    assert 20 <= probes <= 27, calls


def test_a_budget_is_asked_each_half_minute_and_the_webhook_not_at_all() -> None:
    world = hot(World)
    calls = counted(world, lambda verb, path: SPENT if path.endswith("/eviction") else None)
    world.cycle(600, 1.0)
    assert world.status.reason is Reason.DISRUPTION_BUDGET
    assert not [path for _, path in calls if "/podtailor-system/" in path]
    assert max(calls.values()) <= 27, calls


def test_a_rights_policy_that_does_not_stand_is_tried_once_a_minute_at_most() -> None:
    world = hot(Surging)
    world.api.policy_in_force = False
    calls = counted(world)
    world.cycle(600, 1.0)
    assert world.status.reason is Reason.SINGLE_REPLICA
    assert sum(n for (verb, _), n in calls.items() if verb == "PATCH") <= 13, calls


@EACH_WAY
@pytest.mark.parametrize("error", [BROKEN, FIRST], ids=["a server error", "somebody writes first"])
def test_what_fails_again_and_again_is_said_and_asked_each_half_minute(
    error: KubeError, made: type[World]
) -> None:
    world = hot(made)
    calls = counted(world, lambda verb, path: error if "/shop/pods/" in path else None)
    world.cycle(60, 1.0)
    assert world.status.phase is Phase.BLOCKED
    assert world.status.reason is Reason.PENDING_REPLACEMENT
    assert "is tried again and again: " in world.status.message
    assert error.message in world.status.message
    world.cycle(540, 1.0)
    assert max(calls.values()) <= 27, calls
    assert [reason for reason, _ in world.events()].count("PendingReplacement") == 1
    world.api.policy = lambda verb, path, body: None
    world.cycle(60)
    assert set(world.limits()) == {"1"}
