"""What a pod's own fields say."""

from typing import Any

import msgspec
import pytest

from kube import objects, pods
from tests.unit.scaler.builders import NGINX, NOW, pod, size


def test_sidecars_run_side_by_side() -> None:
    has = {**NGINX, "mesh": size(), "setup": size()}
    made = pod("a", has, init={"mesh": {"restartPolicy": "Always"}, "setup": {}})
    assert pods.counted(made) == ["nginx", "mesh"]


def test_finished_pods_do_not_count_and_the_oldest_comes_first() -> None:
    old, new = pod("b", created="2026-11-23T10:00:00Z"), pod("a", created="2026-11-23T11:00:00Z")
    done = [pod(p, phase=p) for p in ("Succeeded", "Failed")]
    assert pods.living([new, *done, old]) == (old, new)


def test_a_pod_that_is_being_deleted_does_not_stay() -> None:
    there, going = pod("a"), pod("b", going=True)
    assert pods.staying([going, there]) == [there]


RUNNING = {"name": "nginx", "state": {"running": {"startedAt": "2026-11-23T20:30:00Z"}}}
WAITING = {"name": "nginx", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}


@pytest.mark.parametrize(
    ("status", "began"),
    [
        ({"containerStatuses": [RUNNING]}, NOW),
        ({"initContainerStatuses": [RUNNING]}, NOW),
        ({"containerStatuses": [WAITING]}, None),
        ({"containerStatuses": [{**RUNNING, "name": "side"}]}, None),
        ({}, None),
    ],
    ids=["it runs", "a sidecar runs", "it waits", "another one runs", "nothing is known"],
)
def test_a_container_began_when_its_status_says(status: Any, began: float | None) -> None:
    found = msgspec.convert(status, objects.PodStatus)
    assert pods.started(msgspec.structs.replace(pod(), status=found), "nginx") == began


FIRST, AGAIN = "2026-11-23T20:29:50Z", "2026-11-23T20:29:57Z"


@pytest.mark.parametrize(
    ("took_up", "last", "earliest"),
    [
        (FIRST, {}, NOW - 10),
        (FIRST, {"restartCount": 1, "lastState": {"terminated": {"finishedAt": AGAIN}}}, NOW - 3),
        (FIRST, {"restartCount": 1}, NOW),
        (None, {}, NOW),
    ],
    ids=["its first start", "after another one", "whose end is not known", "nothing is known"],
)
def test_a_running_container_was_made_after_what_came_before_it(
    took_up: str | None, last: dict[str, Any], earliest: float
) -> None:
    status = {"startTime": took_up, "containerStatuses": [{**RUNNING, **last}]}
    found = msgspec.convert(status, objects.PodStatus)
    made = msgspec.structs.replace(pod(), status=found)
    assert pods.made_after(made) == {"nginx": earliest}


@pytest.mark.parametrize(
    ("end", "times"),
    [
        ({"reason": "Error", "exitCode": 137}, 3),
        ({"reason": "Error", "exitCode": 143}, 3),
        ({"reason": "OOMKilled", "exitCode": 137}, 0),
        ({"reason": "Error", "exitCode": 1}, 0),
        (None, 0),
    ],
)
def test_how_often_a_container_was_killed(end: dict[str, object] | None, times: int) -> None:
    last = {"terminated": end} if end else {}
    status = {"name": "c", "restartCount": 3, "lastState": last, "state": {"running": {}}}
    found = {"metadata": {"name": "p"}, "status": {"containerStatuses": [status]}}
    assert pods.killed(msgspec.convert(found, objects.Pod), "c") == times
