"""Which containers were killed for want of memory, and which pods are down because of it."""

from typing import Any

import msgspec
import pytest

from kube import objects
from scaler.cluster import oom_kills, pod_state
from store.model import Apply, ContainerSize, StoredSize
from tests.unit.scaler.builders import NGINX, NOW, Json, pod, size
from tests.unit.scaler.troubled import ago

KILLED = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": ago(5)}
BY_PROBE = {"reason": "Error", "exitCode": 137, "finishedAt": ago(5)}
WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}
RUNNING = {"running": {"startedAt": ago(2)}}


def made(state: Json, last: Json | None = None, *, ready: bool = False) -> objects.Pod:
    found = pod("web-1", ready=ready)
    status = {"name": "nginx", "state": state, "lastState": last or {}}
    statuses = msgspec.convert([status], list[objects.ContainerStatus])
    changed = msgspec.structs.replace(found.status, container_statuses=statuses)
    return msgspec.structs.replace(found, status=changed)


CASES = [
    ("has just ended", made({"terminated": KILLED}), True),
    ("waits to be started again", made(WAITING, {"terminated": KILLED}), True),
    ("was started again", made(RUNNING, {"terminated": KILLED}), True),
    ("was killed by its probe", made(WAITING, {"terminated": BY_PROBE}), False),
    ("was killed by its probe since", made({"terminated": BY_PROBE}, {"terminated": KILLED}), True),
    ("never ended", made(RUNNING), False),
]


@pytest.mark.parametrize(("name", "found", "killed"), CASES, ids=[c[0] for c in CASES])
def test_a_container_was_killed(name: str, found: objects.Pod, killed: bool) -> None:
    assert oom_kills.kills(found) == ({"nginx": NOW - 5} if killed else {})


def down(found: objects.Pod, to: StoredSize | None = None) -> Any:
    state = pod_state.of(found, to)
    return oom_kills.down(state), oom_kills.helped(state)


def with_memory(mib: int) -> StoredSize:
    gets = ContainerSize("nginx", size((None, None), (mib // 2, mib)), NGINX["nginx"])
    return StoredSize(2, Apply.ALL, (gets,))


@pytest.mark.parametrize(
    ("found", "mib", "is_down", "is_helped"),
    [
        (made(WAITING, {"terminated": KILLED}), 256, True, True),
        (made(RUNNING, {"terminated": KILLED}), 256, True, True),
        (made(RUNNING, {"terminated": KILLED}, ready=True), 256, False, False),
        (made(WAITING, {"terminated": KILLED}), 128, True, False),
        (made(WAITING, {"terminated": BY_PROBE}), 256, False, False),
        (made({"terminated": BY_PROBE}, {"terminated": KILLED}), 256, False, False),
    ],
    ids=["waits", "starts", "Ready again", "gets no more", "another end", "another end since"],
)
def test_a_pod_is_down(found: objects.Pod, mib: int, is_down: bool, is_helped: bool) -> None:
    got = down(found, with_memory(mib))
    assert got == (frozenset({"nginx"} if is_down else ()), is_helped)
