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
from tests.unit.scaler.world import PODSIZE, RC, World

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


Refuses = Callable[[str, str], KubeError | None]


def of_pods(error: KubeError, *verbs: str) -> Refuses:
    """Somebody answers so to what is done, or asked, about pods."""
    return lambda verb, path: error if "/shop/pods/" in path and verb in verbs else None


def of(error: KubeError, part: str) -> Refuses:
    return lambda verb, path: error if part in path else None


class Pair(Surging):
    """Two pods that are handed over, or else evicted."""

    def __init__(self) -> None:
        super().__init__()
        self.annotate(2, mode="auto")
        self.api.settle()
        self.start()


class InPlace(Pair):
    """The same, resized in place where that may be."""

    def annotate(self, replicas: int = 2, **values: str) -> None:
        super().annotate(replicas, strategy="resize", **values)


CASES: dict[str, Refuses] = {
    "the probe": of(HOUSE, "/podtailor-system/"),
    "a budget": of(SPENT, "/eviction"),
    "a budget, and a policy on updates": lambda verb, path: (
        of(SPENT, "/eviction")(verb, path) or of_pods(HOUSE, "PATCH")(verb, path)
    ),
    "a policy on updates and evictions": of_pods(HOUSE, "PATCH", "POST"),
    "a policy on deletions and evictions": of_pods(HOUSE, "DELETE", "POST"),
    "a policy on all that is done to pods": of_pods(HOUSE, "PATCH", "DELETE", "POST"),
    "the server's error on pods": of_pods(BROKEN, "PATCH", "POST"),
    "somebody who writes pods first": of_pods(FIRST, "PATCH", "POST"),
    "a policy on statuses": of(HOUSE, "/status"),
    "somebody who writes statuses first": of(FIRST, "/status"),
}


@pytest.mark.parametrize("rights_policy", [True, False], ids=["restricted", "no rights policy"])
@pytest.mark.parametrize("made", [World, Surging, Pair, InPlace])
@pytest.mark.parametrize("case", CASES)
def test_a_workload_that_is_blocked_costs_at_most_ten_calls_in_ten_minutes(
    made: type[World], case: str, rights_policy: bool
) -> None:
    world = hot(made)
    # Pods that are handed over need no budget.
    world.api.policy_in_force = rights_policy and case != "a budget"
    calls = counted(world, CASES[case])
    world.cycle()
    world.loop.reporter.events.release()  # of the change itself
    before = len(world.events())
    for _ in range(2):  # a refusal wakes the loop
        world.cycle(10, 1.0)
        world.cycle(118, 5.0)
        events = len(world.events())
        assert calls.total() + events - before <= 10, calls
        calls.clear()
        before = events
    assert set(world.limits()) == {"500m"}


def test_evictions_that_fail_where_the_rights_policy_is_long_known_to_be_missing() -> None:
    world = hot(Pair)
    world.api.policy_in_force = False
    hands = world.loop.actuator.hands
    assert hands is not None
    assert "not in force" in (hands.rights_policy.shortcoming("shop", "web-104") or "")
    calls = counted(world, of(BROKEN, "/eviction"))
    world.cycle(10, 1.0)
    world.cycle(118, 5.0)
    assert calls["PATCH", "/api/v1/namespaces/shop/pods/web-104"] == 0
    assert calls["POST", "/api/v1/namespaces/shop/pods/web-104/eviction"] == 6


@EACH_WAY
@pytest.mark.parametrize("error", [BROKEN, FIRST], ids=["a server error", "somebody writes first"])
def test_what_fails_again_and_again_is_said_and_goes_on_once_it_may(
    error: KubeError, made: type[World]
) -> None:
    world = hot(made)
    counted(world, lambda verb, path: error if "/shop/pods/" in path else None)
    world.cycle(90, 1.0)
    assert world.status.phase is Phase.BLOCKED
    assert world.status.reason is Reason.PENDING_REPLACEMENT
    assert "is tried again and again: " in world.status.message
    assert error.message in world.status.message
    world.cycle(510, 1.0)
    assert [reason for reason, _ in world.events()].count("PendingReplacement") == 1
    world.api.policy = lambda verb, path, body: None
    world.cycle(60)
    assert set(world.limits()) == {"1"}


RULES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/house"
BUDGETS = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web"


def allowed(world: World, pods: int) -> None:
    meta = {"name": "web", "namespace": "shop", "uid": "uid-budget", "generation": 1}
    world.api.set(BUDGETS, {"metadata": meta, "status": {"disruptionsAllowed": pods}})


def test_a_budget_that_allows_a_pod_again_is_asked_with_the_next_cycle() -> None:
    world = hot(World)
    allowed(world, 0)
    calls = counted(world, of(SPENT, "/eviction"))
    world.cycle(50, 4.0)
    allowed(world, 1)
    world.api.policy = lambda verb, path, body: None
    world.cycle(2, 1.0)
    assert "1" in world.limits(), calls


@pytest.mark.parametrize("made", [World, Surging])
@pytest.mark.parametrize("generation", [None, 2], ids=["removed", "edited"])
def test_a_policy_that_is_edited_is_asked_with_the_next_cycle(
    made: type[World], generation: int | None
) -> None:
    world = hot(made)
    meta = {"name": "house", "uid": "uid-house", "generation": 1}
    world.api.set(RULES, {"metadata": meta})
    counted(world, of_pods(HOUSE, "PATCH", "DELETE", "POST"))
    world.cycle(50, 4.0)
    assert world.status.reason is Reason.REFUSED
    world.api.policy = lambda verb, path, body: None
    world.cycle(2, 1.0)
    assert not taken(world)
    if generation is None:
        world.api.remove(RULES)
    else:
        world.api.set(RULES, {"metadata": {**meta, "generation": generation}})
    world.cycle(2, 1.0)
    assert taken(world)


def taken(world: World) -> bool:
    """Whether a pod is handed over, or has been replaced."""
    held = isinstance(world, Surging) and bool(world.held())
    return held or "1" in world.limits()


def test_a_replica_of_our_webhook_that_becomes_ready_is_asked_with_the_next_cycle() -> None:
    world = hot(World)
    counted(world, of(HOUSE, "/podtailor-system/"))
    world.cycle(50, 4.0)
    assert world.status.reason is Reason.WEBHOOK_UNVERIFIED
    world.api.policy = lambda verb, path, body: None
    replica = {"name": "webhook", "namespace": "podtailor-system", "uid": "uid-webhook"}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    world.api.set(
        "/api/v1/namespaces/podtailor-system/pods/webhook", {"metadata": replica, "status": ready}
    )
    world.cycle(2, 1.0)
    assert taken(world)


def test_a_size_by_hand_that_is_edited_is_tried_with_the_next_cycle() -> None:
    world = hot(World)
    counted(world, of_pods(HOUSE, "POST"))
    world.cycle(50, 4.0)
    world.api.policy = lambda verb, path, body: None
    made = world.api.objects[PODSIZE]
    made["metadata"]["generation"] += 1
    world.api.set(PODSIZE, made)
    world.cycle(2, 1.0)
    assert taken(world)
