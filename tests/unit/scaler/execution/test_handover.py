"""Handing over, draining, giving back: the loop with its hands, against an API server in memory."""

from typing import Any

import pytest

from kube.errors import Forbidden, NotFound, Unreachable
from scaler.execution.actuator import Actuator
from scaler.execution.draining import FIRST_TO_GO
from scaler.execution.handover import Handover
from scaler.execution.rights_policy import AGAIN, FRESH, WORDS, Fence
from scaler.execution.webhook_probe import Probe
from scaler.model import Drain
from store.reasons import Reason
from tests.fakes import Json, Killed
from tests.unit.scaler.world import PODS, RC, Once, World

SERVICES = "/api/v1/namespaces/shop/services"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"
POLICIES = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies"


class Surging(World):
    """One pod that must not be missing, behind the fence."""

    def __init__(self) -> None:
        super().__init__()
        self.api.policy_in_force = True
        self.annotate(1, mode="auto")
        self.api.settle()
        self.start()

    def start(self, **settings: Any) -> None:
        super().start(**settings)
        probe = Probe(self.api, "podtailor-system", wait=lambda seconds: None)
        fence = Fence(self.api, monotonic=lambda: self.now)
        hands = Handover(self.api, probe, fence, 2.0, lambda: self.now)
        self.loop.actuator = Actuator(self.api, self.observer.store, probe, hands)
        self.loop.clock = lambda: self.now

    @property
    def pods(self) -> dict[str, Json]:
        return {p["metadata"]["name"]: p for p in self.api.list(PODS)}

    def held(self) -> list[str]:
        return [n for n, p in self.pods.items() if _controller(p) == "PodSize"]

    def listed(self, *names: str) -> None:
        """A Service selects the pods; its slice lists these."""
        self.api.set(f"{SERVICES}/web", {"metadata": {"name": "web"}, "spec": {"selector": LABEL}})
        points = [
            {"targetRef": {"uid": self.pods[n]["metadata"]["uid"]}, "conditions": {"ready": True}}
            for n in names
        ]
        meta = {"name": "web-1", "labels": {"kubernetes.io/service-name": "web"}}
        self.api.set(f"{SLICES}/web-1", {"metadata": meta, "endpoints": points})


LABEL = {"of": "web"}


def _controller(pod: Json) -> str | None:
    references = pod["metadata"].get("ownerReferences") or ()
    return next((r["kind"] for r in references if r.get("controller")), None)


@pytest.fixture
def world() -> Surging:
    made = Surging()
    made.cycle(2)
    made.load.used = 490
    return made


def until_held(world: Surging) -> str:
    for _ in range(6):
        world.cycle(1, 1.0)
        if held := world.held():
            return held[0]
    raise AssertionError(world.events())


class TestTheWholeWay:
    def test_the_only_pod_is_exchanged_and_never_evicted(self, world: Surging) -> None:
        (old,) = world.pods
        world.cycle(8, 3.0)
        (new,) = world.pods
        assert new != old
        assert world.limits() == ["1"]
        assert not any("eviction" in w for w in world.api.writes)
        assert world.status.restarts.count == 1

    def test_both_owners_are_named_while_it_is_held(self, world: Surging) -> None:
        old = until_held(world)
        references = world.pods[old]["metadata"]["ownerReferences"]
        assert [(r["kind"], r.get("controller")) for r in references] == [
            ("PodSize", True),
            ("ReplicationController", False),
        ]

    def test_it_is_drained_once_the_replacement_is_listed_and_deleted_two_seconds_later(
        self, world: Surging
    ) -> None:
        world.listed(*world.pods)
        old = until_held(world)
        world.cycle(3, 0.5)
        assert world.pods[old]["metadata"]["labels"] == LABEL, "the new one is not listed yet"
        world.listed(*world.pods)
        world.cycle(1, 0.5)
        drained = world.pods[old]["metadata"]
        assert not drained["labels"]
        assert drained["annotations"].items() >= FIRST_TO_GO.items(), "its owner may get it back"
        world.cycle(2, 0.5)
        assert old in world.pods
        world.cycle(3, 1.0)
        assert old not in world.pods

    def test_what_no_watch_tells_of_is_looked_at_soon_and_an_error_is_not(
        self, world: Surging, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.listed(*world.pods)
        until_held(world)
        world.cycle(1, 0.5)
        assert world.loop.pause < 1 < world.loop.settings.interval
        usual = world.api.get

        def get(path: str, **query: str) -> bytes:
            if path == SERVICES:
                raise Forbidden(403, "Forbidden", 'cannot list resource "services"')
            return usual(path, **query)

        monkeypatch.setattr(world.api, "get", get)
        world.cycle(1, 0.5)
        assert world.loop.pause == world.loop.settings.interval
        assert world.held(), "whom it serves is not known"

    def test_where_a_network_policy_selects_it_its_labels_stay(self, world: Surging) -> None:
        everybody = {"metadata": {"name": "all"}, "spec": {"podSelector": {}}}
        world.api.set(f"{POLICIES}/all", everybody)
        world.listed(*world.pods)
        old = until_held(world)
        world.listed(*world.pods)
        world.cycle(2, 0.5)
        assert old not in world.pods
        assert not any("labels" in w for w in world.api.writes)

    def test_what_only_takes_room_goes_where_no_service_selects_it(self, world: Surging) -> None:
        world.listed(*world.pods)
        old = until_held(world)
        uid = world.pods[old]["metadata"]["uid"]
        drain = Drain(world.podsize.workload, old, uid, idle=True)
        told = world.loop.actuator.carry_out(drain, lambda pods: True)
        assert (told.done, told.message) == (False, "Service web selects it")
        world.api.remove(f"{SERVICES}/web")
        assert world.loop.actuator.carry_out(drain, lambda pods: True).done
        assert old not in world.pods

    def test_killed_anywhere_the_successor_finishes(self) -> None:
        for call in range(1, 400):
            for after in (False, True):
                world = Surging()
                world.cycle(2)
                world.load.used = 490
                world.api.killed_at, world.api.after = world.api.calls + call, after
                died = _dies(world)
                world.api.killed_at = None
                world.start()
                world.cycle(12, 3.0)
                assert world.limits() == ["1"], (call, after)
                assert not world.held()
                if not died:
                    return
        raise AssertionError("one change makes more than 400 calls")


def _dies(world: Surging) -> bool:
    try:
        world.cycle(8, 3.0)
    except Killed:
        return True
    return False


class TestUndone:
    def test_paused_in_the_middle_the_pod_goes_back(self, world: Surging) -> None:
        world.api.starts = False
        old = until_held(world)
        world.annotate(1, mode="auto", paused="true")
        world.cycle(3, 1.0)
        assert list(world.pods) == [old]
        assert _controller(world.pods[old]) == "ReplicationController"

    def test_who_ends_in_order_gives_back_first(self, world: Surging) -> None:
        world.api.starts = False
        old = until_held(world)
        for watch in world.observer.watches():
            watch.run(Once())
        world.loop.leave(world.now)
        assert list(world.pods) == [old]
        assert _controller(world.pods[old]) == "ReplicationController"

    def test_but_not_once_the_replacement_is_ready(self, world: Surging) -> None:
        old = until_held(world)
        for watch in world.observer.watches():
            watch.run(Once())
        before = len(world.api.writes)
        world.loop.leave(world.now)
        assert world.held() == [old]
        assert len(world.api.writes) == before

    def test_scaled_to_nothing_the_pod_goes_too(self, world: Surging) -> None:
        world.api.starts = False
        until_held(world)
        world.annotate(0, mode="auto")
        world.api.settle()
        world.cycle(3, 1.0)
        assert not world.pods

    def test_a_workload_that_is_gone_leaves_its_pod_free(self, world: Surging) -> None:
        world.api.starts = False
        old = until_held(world)
        world.api.remove(RC)
        world.cycle(3, 1.0)
        assert _controller(world.pods[old]) is None

    def test_a_replacement_that_is_not_ready_in_time(self, world: Surging) -> None:
        world.api.starts = False
        old = until_held(world)
        world.cycle(4, 40.0)
        assert list(world.pods) == [old]
        assert world.status.backoff.failures == 1


class TestFence:
    def test_without_it_the_pod_waits_and_says_why(self, world: Surging) -> None:
        world.api.policy_in_force = False
        world.cycle(6, 3.0)
        assert world.status.reason is Reason.SINGLE_REPLICA
        assert "does not stand" in world.status.message
        assert not world.held()

    def test_two_pods_are_evicted_then_and_it_is_told(self, world: Surging) -> None:
        world.api.policy_in_force = False
        world.annotate(2, mode="auto")
        world.api.settle()
        world.cycle(8, 3.0)
        assert world.limits() == ["1", "1"]
        assert ("SurgeUnavailable", "Normal") in world.events()

    def test_put_up_again_it_is_noticed(self, world: Surging) -> None:
        world.api.policy_in_force = False
        world.cycle(6, 3.0)
        world.api.policy_in_force = True
        world.cycle(6, 6.0)
        assert world.limits() == ["1"]

    def test_switched_off_nothing_is_tried(self, world: Surging) -> None:
        world.start(surge=False)
        world.cycle(6, 3.0)
        assert world.status.reason is Reason.SINGLE_REPLICA
        assert "scaler.surge.enabled" in world.status.message

    def test_what_is_under_way_is_finished_without_it(self, world: Surging) -> None:
        old = until_held(world)
        world.api.policy_in_force = False
        world.cycle(5, 3.0)
        assert old not in world.pods
        assert len(world.pods) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Forbidden(403, "Forbidden", f"policy denied request: {WORDS}"), None),
        (Forbidden(403, "Forbidden", 'cannot patch resource "pods"'), "no right to hand pods over"),
        (None, "does not stand"),
        (Unreachable(0, "Timeout", "no answer"), "could not be tried"),
        (NotFound(404, "NotFound", "web-1"), "gone"),
    ],
)
def test_only_its_own_words_are_the_fence(
    answer: Exception | None, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    asked: list[str] = []

    def patch(path: str, body: object, **query: str) -> bytes:
        asked.append(query["dryRun"])
        if answer:
            raise answer
        return b"{}"

    monkeypatch.setattr(world.api, "patch", patch)
    now = [0.0]
    fence = Fence(world.api, monotonic=lambda: now[0])
    assert fence.problem() is None
    got = fence.shortcoming("shop", "web-1")
    assert (got is None) == (told is None)
    assert told is None or told in (got or "")
    gone = isinstance(answer, NotFound)
    assert (fence.problem() is None) == (told is None or gone)
    now[0] = FRESH / 2
    fence.shortcoming("shop", "web-1")
    assert len(asked) == (1 if told is None else 2), "what stands is not asked at once again"
    now[0] = 2 * AGAIN
    fence.problem()
    assert len(asked) == (1 if told is None else 2 if gone else 3)
    assert set(asked) == {"All"}
