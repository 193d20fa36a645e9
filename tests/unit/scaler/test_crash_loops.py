"""An hour of a crash loop: how many times the status is written."""

import pytest

from kube import timestamps
from kube.errors import KubeError
from store.model import Phase
from store.reasons import Reason
from tests.fakes import Json
from tests.unit.scaler.execution.test_asked_seldom import (
    BROKEN,
    HOUSE,
    SPENT,
    Pair,
    Refuses,
    of,
    of_pods,
)
from tests.unit.scaler.world import PODS, World


class Lone(World):
    """One pod, and nothing that could be handed over."""

    def annotate(self, replicas: int = 2, **values: str) -> None:
        super().annotate(1, **values)


PHASES = ("down", "waiting", "starting")
"""What a kubelet reports of one crash; some programs are Ready after that, for a moment."""


def report(world: World, name: str, restarts: int, phase: str) -> None:
    """The kubelet's status of a container that ends with exit code 1 after half a minute."""
    pod = world.api.objects[f"{PODS}/{name}"]
    now, ready = timestamps.text(world.now), phase == "ready"
    end = {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": now}}
    before = pod["status"].get("containerStatuses", [{}])[0]
    last: Json = end if phase == "waiting" else before.get("lastState", {})
    looping = {"reason": "CrashLoopBackOff", "message": f"back-off {10 * restarts}s restarting"}
    state: Json = {"running": {"startedAt": now}}
    if phase in PHASES[:2]:
        state = end if phase == "down" else {"waiting": looping}
    count = restarts - (phase in PHASES[:2])
    container = {"name": "nginx", "restartCount": count, "state": state, "lastState": last}
    conditions = [
        {"type": "Ready", "status": str(ready), "lastTransitionTime": now},
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": timestamps.text(0.0)},
    ]
    pod["status"] = {
        "phase": "Running",
        "conditions": conditions,
        "containerStatuses": [{**container, "ready": ready}],
    }
    world.api.set(f"{PODS}/{name}", pod)


CASES: dict[str, Refuses] = {
    "nobody": lambda verb, path: None,
    "a budget": of(SPENT, "/eviction"),
    "a policy": of_pods(HOUSE, "PATCH", "POST", "DELETE"),
    "the probe": of(HOUSE, "/podtailor-system/"),
    "the server's error": of_pods(BROKEN, "PATCH", "POST"),
}


def written(world: World, answer: Refuses) -> list[Json]:
    """The statuses that are written from now on."""
    found: list[Json] = []

    def policy(verb: str, path: str, body: Json) -> KubeError | None:
        if verb == "PUT" and path.endswith("/status"):
            found.append(body["status"])
        return None if verb == "GET" else answer(verb, path)

    world.api.policy = policy
    return found


def crashes(world: World, times: range, phases: tuple[str, ...]) -> None:
    """The first pod's container ends so many times, two minutes apart and more."""
    for restarts in times:
        for phase in phases:
            report(world, str(world.api.list(PODS)[0]["metadata"]["name"]), restarts, phase)
            world.cycle(1, 1.0)
            world.cycle(3, 5.0 if restarts < 6 else 15.0)


@pytest.mark.parametrize("made", [Lone, Pair])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("phases", [PHASES, (*PHASES, "ready")], ids=["never Ready", "Ready"])
@pytest.mark.parametrize("hot", ["before", "meanwhile"])
def test_a_crash_loop_of_an_hour_is_a_few_writes(
    made: type[World], case: str, phases: tuple[str, ...], hot: str
) -> None:
    world = made()
    world.api.policy_in_force = False
    world.cycle(3)
    world.load.used = 490 if hot == "before" else 10
    statuses = written(world, CASES[case])
    world.cycle(2, 6.0)
    begun = len(statuses)
    crashes(world, range(1, 4), phases)
    world.load.used = 490
    crashes(world, range(4, 18), phases)
    sizes = {s.get("size", {}).get("revision", 0) for s in statuses}
    assert len(statuses) - begun <= 4 + 3 * len(sizes), [s["message"] for s in statuses]


def test_ten_minutes_after_the_last_crash_the_status_says_what_is_in_the_way() -> None:
    world = Lone()
    world.cycle(3)
    world.load.used = 490
    crashes(world, range(1, 5), (*PHASES, "ready"))
    assert (world.status.phase, world.status.reason) == (Phase.BLOCKED, Reason.NOT_READY)
    assert "nginx: ended with exit code 1, Error" in world.status.message
    reasons = []
    for cycles in (54, 3):
        world.cycle(cycles, 10.0)
        reasons.append(world.status.reason)
    assert reasons == [Reason.NOT_READY, Reason.SINGLE_REPLICA]


def test_what_a_user_asks_for_meanwhile_is_said_at_once() -> None:
    world = Lone()
    world.cycle(3)
    world.load.used = 490
    crashes(world, range(1, 5), (*PHASES, "ready"))
    world.annotate(mode="auto", paused="true")
    world.cycle(1)
    assert world.status.reason is Reason.PAUSED
