"""Somebody refuses the store itself: the PodSize, or its status."""

from kube.errors import Forbidden
from store.reasons import Reason
from tests.fakes import Json
from tests.unit.scaler.execution.surging import Surging, until_held
from tests.unit.scaler.world import World

QUOTA = Forbidden(403, "Forbidden", "exceeded quota: sizes, requested: count/podsizes=1")
TEN_MINUTES = 600


class Store:
    """Refuses all calls of one verb about PodSizes, and counts them."""

    def __init__(self, verb: str) -> None:
        self.verb, self.asked, self.refuses = verb, 0, True

    def __call__(self, verb: str, path: str, body: Json) -> Forbidden | None:
        if verb != self.verb or "/podsizes" not in path or not self.refuses:
            return None
        self.asked += 1
        return QUOTA


def events(world: World, reason: str) -> list[str]:
    found = world.api.list("/apis/events.k8s.io/v1/events")
    return [e["note"] for e in found if e["reason"] == reason]


def without_podsize() -> tuple[Surging, Store]:
    world, store = Surging(), Store("POST")
    world.api.policy = store
    return world, store


def test_a_podsize_that_may_not_be_created_is_one_event_and_few_calls() -> None:
    world, store = without_podsize()
    world.cycle(TEN_MINUTES, 1.0)
    assert len(events(world, "Refused")) == 1 and "exceeded quota" in events(world, "Refused")[0]
    assert store.asked == 3
    gauge = world.loop.reporter.metrics.registry.get_sample_value
    assert gauge("podtailor_workloads", {"phase": "Blocked", "reason": "Refused"}) == 1


def test_once_it_may_be_created_it_is() -> None:
    world, store = without_podsize()
    world.cycle(30, 1.0)
    store.refuses = False
    world.cycle(30, 10.0)
    assert world.status.reason is not Reason.REFUSED


def test_a_status_that_may_not_be_written_is_one_event_and_few_calls() -> None:
    world, store = Surging(), Store("PUT")
    world.cycle(2)
    world.api.policy = store
    world.load.used = 490
    world.cycle(TEN_MINUTES, 1.0)
    assert len(events(world, "Refused")) == 1
    assert "status may not be written" in events(world, "Refused")[0]
    assert store.asked <= 9
    assert world.status.size is None and not world.held()


def test_a_claim_that_may_not_be_written_replaces_no_pod() -> None:
    world, store = Surging(), Store("PUT")
    (old,) = world.pods
    world.cycle(2)
    world.load.used = 490

    def claims(verb: str, path: str, body: Json) -> Forbidden | None:
        claim = verb == "PUT" and body["status"].get("restarts")
        return store(verb, path, body) if claim else None

    world.api.policy = claims
    world.cycle(TEN_MINUTES, 1.0)
    assert list(world.pods) == [old] and not world.held()
    assert store.asked <= 9
    assert len(events(world, "Refused")) == 1


def test_a_held_pod_is_handed_back_whatever_is_refused() -> None:
    world = Surging()
    world.cycle(2)
    world.api.starts = False
    world.load.used = 490
    held = until_held(world)
    world.cycle(1, 1.0)
    store = world.api.policy = Store("PUT")
    while world.held():
        world.cycle(1, 5.0)
    assert held in world.pods
    assert store.asked == 1
    world.cycle(10, 0.7)
    assert store.asked == 1, "the refusal is remembered, though the pod was handed back"
    world.cycle(60, 1.0)
    assert store.asked == 2
