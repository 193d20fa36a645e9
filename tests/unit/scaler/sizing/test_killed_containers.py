"""Which kills count, and which were answered: the table of killed_containers.py."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kube import objects, timestamps
from scaler.policies.policy import Kill
from scaler.sizing.killed_containers import kills
from store.model import Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import MI, NGINX, NOW, pod, size, stored, view
from tests.unit.scaler.resized import resized

MORE = {"nginx": size(memory=(128, 256))}
RAISED = NOW - 60.0


def killed(made: objects.Pod, at: float) -> objects.Pod:
    """Its container runs again, after it was killed then by its node's clock."""
    end = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": timestamps.text(at)}
    known = {"name": "nginx", "restartCount": 1, "lastState": {"terminated": end}}
    running = {"running": {"startedAt": timestamps.text(at + 1)}}
    of = (made.status.container_statuses or [objects.ContainerStatus("nginx")])[0]
    new = msgspec.convert({**known, "state": running}, objects.ContainerStatus)
    new = msgspec.structs.replace(new, resources=of.resources)
    status = msgspec.structs.replace(made.status, container_statuses=[new])
    return msgspec.structs.replace(made, status=status)


def replaced(at: float) -> objects.Pod:
    return killed(pod("a", MORE), at)


def in_place(at: float) -> objects.Pod:
    return killed(resized("a", MORE, MORE), at)


def found(one: objects.Pod, *, short: bool = False, raised: bool = True) -> list[Kill]:
    because = Reason.OOM_KILLED if raised else Reason.DOUBLED
    change = Change(timestamps.text(RAISED), 2, "nginx", "memory", "128Mi", "256Mi", because)
    seen = view(one, status=Status(size=stored(), changes=(change,)))
    return kills(seen, "nginx", lambda pod, at: short)


@pytest.mark.parametrize(
    ("made", "at", "counts"),
    [
        (replaced, NOW - 5, True),
        (replaced, NOW - 7200, True),  # its node's clock is two hours behind
        (in_place, NOW - 5, True),
        (in_place, RAISED - 5, False),
    ],
    ids=["a new pod", "a node without a clock", "in place, again", "in place, the one before"],
)
def test_a_kill_counts_unless_the_pod_got_more_for_it(
    made: Callable[[float], objects.Pod], at: float, counts: bool
) -> None:
    assert found(made(at)) == ([Kill(float(round(at)), 256 * MI)] if counts else [])


def test_only_a_change_for_a_kill_answers_one() -> None:
    assert found(in_place(RAISED - 5), raised=False)


@pytest.mark.parametrize("made", [replaced, in_place])
def test_a_node_that_was_short_of_memory_has_killed_it_itself(made: Any) -> None:
    assert not found(made(NOW - 5), short=True)


def test_so_has_one_where_there_is_no_limit() -> None:
    bare = {"nginx": size((250, 500), (64, None))}
    assert not found(killed(pod("a", bare), NOW - 5))
    assert found(killed(pod("a", NGINX), NOW - 5))
