"""The policy that bounds our rights on pods: tried before each use of surge."""

import pytest

from kube.errors import Forbidden, NotFound, Unreachable
from scaler.execution.rights_policy import FRESH, LONGEST, WORDS, RightsPolicy
from store.reasons import Reason
from tests.unit.scaler.execution.surging import Surging, until_held
from tests.unit.scaler.world import World

POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"


def test_without_the_rights_policy_the_only_pod_waits_and_says_why(world: Surging) -> None:
    world.api.policy_in_force = False
    world.cycle(6, 3.0)
    assert world.status.reason is Reason.SINGLE_REPLICA
    assert "is not in force" in world.status.message
    assert not world.held()


def test_without_the_rights_policy_two_pods_are_evicted_and_that_is_reported(
    world: Surging,
) -> None:
    world.api.policy_in_force = False
    world.annotate(2, mode="auto")
    world.api.settle()
    world.cycle(8, 3.0)
    assert world.limits() == ["1", "1"]
    assert ("SurgeUnavailable", "Normal") in world.events()


def test_a_rights_policy_that_comes_back_is_noticed(world: Surging) -> None:
    world.api.policy_in_force = False
    world.cycle(12, 3.0)
    world.api.policy_in_force = True
    world.cycle(6, 3.0)
    assert world.limits() == ["500m"]
    house = {"name": "podtailor-scaler", "uid": "uid-policy", "generation": 2}
    world.api.set(f"{POLICIES}/podtailor-scaler", {"metadata": house})
    world.cycle(6, 3.0)
    assert world.limits() == ["1"]


def test_with_surge_switched_off_no_pod_is_handed_over(world: Surging) -> None:
    world.start(surge=False)
    world.cycle(6, 3.0)
    assert world.status.reason is Reason.SINGLE_REPLICA
    assert "scaler.surge.enabled" in world.status.message


def test_a_hand_over_that_began_is_finished_without_the_rights_policy(world: Surging) -> None:
    old = until_held(world)
    world.api.policy_in_force = False
    world.cycle(5, 3.0)
    assert old not in world.pods
    assert len(world.pods) == 1


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (Forbidden(403, "Forbidden", f"policy denied request: {WORDS}"), None),
        (Forbidden(403, "Forbidden", 'cannot patch resource "pods"'), "no right to hand pods over"),
        (None, "is not in force"),
        (Unreachable(0, "ReadTimeoutError", "no answer"), "could not be tried: no answer in time"),
        (NotFound(404, "NotFound", "web-1"), "gone"),
    ],
)
def test_only_a_refusal_in_its_own_words_proves_the_rights_policy(
    answer: Exception | None, part: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    asked: list[str] = []

    def patch(path: str, body: object, **query: str) -> bytes:
        asked.append(query["dryRun"])
        if answer:
            raise answer
        return b"{}"

    monkeypatch.setattr(world.api, "patch", patch)
    monkeypatch.setattr(world.api, "get", lambda path: b"{}")
    now = [0.0]
    policy = RightsPolicy(world.api, monotonic=lambda: now[0])
    assert policy.problem("shop") is None
    got = policy.shortcoming("shop", "web-1")
    assert (got is None) == (part is None)
    assert part is None or part in (got or "")
    gone = isinstance(answer, NotFound)
    assert (policy.problem("shop") is None) == (part is None or gone)
    now[0] = FRESH / 2
    policy.shortcoming("shop", "web-1")
    assert len(asked) == (1 if part is None else 2), "what stands is not asked at once again"
    assert (policy.problem("shop", retry=False) is None) == (part is None or gone)
    now[0] = LONGEST + FRESH
    assert policy.problem("shop") is None, "the next hand-over tries it again"
    assert (policy.problem("shop", retry=False) is None) == (part is None or gone)
    assert len(asked) == (1 if part is None else 2), "looking asks nobody"
    assert set(asked) == {"All"}


def test_a_server_that_fails_says_nothing_of_the_rights_policy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()

    def patch(path: str, body: object, **query: str) -> bytes:
        raise Unreachable(500, "InternalError", "etcdserver: request timed out")

    monkeypatch.setattr(world.api, "patch", patch)
    policy = RightsPolicy(world.api, monotonic=lambda: world.now)
    with pytest.raises(Unreachable):
        policy.shortcoming("shop", "web-1")
    assert policy.problem("shop") is None and not policy.refused("shop")
