"""Pods that are to be resized, and what came of it, for the tests of this room."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.cluster import pod_state
from scaler.resizing.resize_case import ResizeCase, Terms, Way
from store.model import Apply, Sizes, Status, StoredSize
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import DOUBLED, NGINX, NOW, pod, size, stored, view
from tests.unit.scaler.resized import resized
from tests.unit.scaler.troubled import placed

SIZE = stored(3)
BIGGER = {"nginx": DOUBLED}
LESS = size((250, 500), (64, 100))
BOTH = StoredSize(3, Apply.ALL, (replace(SIZE.containers[0], size=LESS),), SIZE.template)
EQUAL = replace(BOTH, containers=(replace(SIZE.containers[0], size=size((500, 500), (128, 128))),))
STAMP = (1, NGINX)


def running(sizes: Sizes = NGINX, **more: Any) -> objects.Pod:
    """Not resized yet."""
    return resized("web-1", sizes, sizes, generation=1, stamp_of=STAMP, **more)


def asked_for(
    said: Any = None, ago: float = 5.0, sizes: Sizes = BIGGER, **more: Any
) -> objects.Pod:
    """Asked for the stored size, and what came of it."""
    return resized("web-1", sizes, NGINX, said, ago=ago, stamp_of=STAMP, **more)


def policed(resource: str, made: objects.Pod | None = None) -> objects.Pod:
    made = made or running()
    policy = objects.ResizePolicy(resource, "RestartContainer")
    kept = [msgspec.structs.replace(c, resize_policy=[policy]) for c in made.spec.containers]
    return msgspec.structs.replace(made, spec=msgspec.structs.replace(made.spec, containers=kept))


def looping() -> objects.Pod:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 10s"}
    return placed(pod("web-1", stamp_of=STAMP, ready=False), restarts=5, waiting=waiting)


@dataclass(frozen=True)
class Case:
    name: str
    pod: objects.Pod
    check: str
    way: Way
    reason: Reason | None = None
    size: StoredSize = SIZE
    terms: Mapping[str, Any] = field(default_factory=dict)


def case_of(case: Case) -> ResizeCase:
    changes = (Change(timestamps.text(NOW - 60), 3, "nginx", "cpu", "500m", "1", Reason.DOUBLED),)
    seen = view(case.pod, status=Status(size=case.size, changes=changes))
    state = pod_state.of(case.pod, case.size)
    due = not state.current and case.size.apply is Apply.ALL
    terms = Terms(NOW, 60.0, written=NOW - 60, **case.terms)
    return ResizeCase(seen, state, due, terms)
