"""A pod whose init containers have not succeeded: no size of its other containers is to blame."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster import kubelet_says
from scaler.health.startup_deadline import Deadline
from scaler.health.unhealthy_pods import failures, held_up, unhealthy
from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, injected, stored, view
from tests.unit.scaler.troubled import ago, placed, started

SIZE = stored(3)
NEW = Status(size=SIZE, last_good=stored(2))
INITIALIZING = {"reason": "PodInitializing"}
ENDED = {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": ago(5)}}
LOOP = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s"}}


def awake(pod: objects.Pod) -> bool:
    """Whether its node is silent."""
    return False


def waiting(since: float, *, policy: Any = None, **status: Any) -> objects.Pod:
    """Its init container has that status; for so many seconds."""
    made = placed(injected("web-1", SIZE, created=ago(999)), since=since, waiting=INITIALIZING)
    one: dict[str, Any] = {"name": "migrate", "restartPolicy": policy}
    known = {"name": "migrate", "ready": False, "restartCount": 3, "state": {}, **status}
    inits = msgspec.convert([one], list[objects.Container])
    statuses = msgspec.convert([known], list[objects.ContainerStatus])
    spec, seen = replace(made.spec, init_containers=inits), made.status
    return replace(made, spec=spec, status=replace(seen, init_container_statuses=statuses))


RUNS = {"state": {"running": {"startedAt": ago(60)}}}
FAILS = {"state": LOOP, "lastState": ENDED}
DONE = {"state": {"terminated": {"exitCode": 0}}, "ready": True}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (RUNS, "its init container migrate has not ended"),
        (FAILS, "its init container fails, migrate: ended with exit code 1, Error"),
        (DONE, None),
        ({"state": {"waiting": INITIALIZING}}, None),
    ],
)
def test_what_is_said_of_it(status: dict[str, Any], said: str | None) -> None:
    assert kubelet_says.initializing(waiting(90, **status)) == said


def test_a_sidecar_is_none_of_them() -> None:
    assert kubelet_says.initializing(waiting(90, policy="Always", **RUNS)) is None


@pytest.mark.parametrize("status", [RUNS, FAILS])
def test_its_size_is_not_blamed_for_that(status: dict[str, Any]) -> None:
    seen = view(waiting(601, **status), status=NEW)
    assert not list(unhealthy(seen, awake, Deadline(), NOW))
    assert list(unhealthy(view(waiting(601, **DONE), status=NEW), awake, Deadline(), NOW))


@pytest.mark.parametrize("status", [RUNS, FAILS])
def test_it_fails_for_a_cause_of_its_own_once_start_ups_are_over(status: dict[str, Any]) -> None:
    """The deadline is what start-ups of its workload take, three times, and a minute at least."""
    for well, late in ((10.0, 61.0), (100.0, 301.0)):
        other = started(injected("web-2", SIZE), took=well)
        for seconds, causes in ((late - 2, []), (late, [Reason.BACKING_OFF])):
            seen = view(waiting(seconds, **status), other, status=NEW)
            found = list(failures(seen, seen.unready, awake, Deadline(), NOW))
            assert [f.cause for f in found] == causes, seconds
            assert all("migrate" in f.message for f in found)
            [one] = seen.unready
            assert bool(held_up(one, seen.pods, Deadline(), NOW)) == bool(causes)
