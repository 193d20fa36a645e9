"""Hand-over, draining, hand-back: the loop and its actuator against an API server in memory."""

import pytest

from kube.errors import Forbidden
from scaler.model import Drain
from store.annotations import FIRST_TO_GO
from tests.fakes import Killed
from tests.unit.scaler.execution.surging import LABEL, POLICIES, SERVICES, Surging, until_held


class TestTheWholeWay:
    def test_the_only_pod_of_a_workload_is_replaced_without_an_eviction(
        self, world: Surging
    ) -> None:
        (old,) = world.pods
        world.cycle(8, 3.0)
        (new,) = world.pods
        assert new != old
        assert world.limits() == ["1"]
        assert not any("eviction" in w for w in world.api.writes)
        assert world.status.restarts.count == 1

    def test_a_held_pod_names_both_owners(self, world: Surging) -> None:
        old = until_held(world)
        references = world.pods[old]["metadata"]["ownerReferences"]
        assert [(r["kind"], r.get("controller")) for r in references] == [
            ("PodSize", True),
            ("ReplicationController", False),
        ]

    def test_a_held_pod_is_drained_once_its_replacement_is_listed_and_deleted_two_seconds_later(
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

    def test_a_moment_of_which_no_watch_tells_is_waited_for_shortly_and_an_error_is_not(
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
        assert world.held(), "which clients it serves is not known"

    def test_a_held_pod_that_a_network_policy_selects_keeps_its_labels(
        self, world: Surging
    ) -> None:
        everybody = {"metadata": {"name": "all"}, "spec": {"podSelector": {}}}
        world.api.set(f"{POLICIES}/all", everybody)
        world.listed(*world.pods)
        old = until_held(world)
        world.listed(*world.pods)
        world.cycle(2, 0.5)
        assert old not in world.pods
        assert not any("labels" in w for w in world.api.writes)

    def test_a_drained_pod_that_only_takes_room_is_deleted_where_no_service_selects_it(
        self, world: Surging
    ) -> None:
        world.listed(*world.pods)
        old = until_held(world)
        uid = world.pods[old]["metadata"]["uid"]
        drain = Drain(world.podsize.workload, old, uid, idle=True)
        outcome = world.loop.actuator.carry_out(drain, lambda pods: True)
        assert (outcome.done, outcome.message) == (False, "Service web selects it")
        world.api.remove(f"{SERVICES}/web")
        assert world.loop.actuator.carry_out(drain, lambda pods: True).done
        assert old not in world.pods

    def test_a_successor_finishes_what_a_scaler_killed_anywhere_began(self) -> None:
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
