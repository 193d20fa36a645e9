"""The kubelet's words about containers that wait, and which causes no size can change."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.cluster import kubelet_says
from tests.unit.scaler.builders import pod
from tests.unit.scaler.troubled import placed

GONE = {"reason": "CreateContainerConfigError", "message": 'configmap "settings" not found'}
PULL = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
LOOP = {"reason": "CrashLoopBackOff", "message": "back-off 20s"}

CASES: list[tuple[str, dict[str, Any], str | None, bool]] = [
    ("runs", {"running": {}}, None, False),
    ("is being created", {"waiting": {"reason": "ContainerCreating"}}, None, False),
    ("waits for its init containers", {"waiting": {"reason": "PodInitializing"}}, None, False),
    ("waits, with no reason", {"waiting": {}}, None, False),
    ("a ConfigMap is gone", {"waiting": GONE},
     'nginx: CreateContainerConfigError: configmap "settings" not found', True),
    ("an image is not there", {"waiting": PULL},
     "nginx: ImagePullBackOff: Back-off pulling image", True),
    ("no message", {"waiting": {"reason": "ErrImageNeverPull"}}, "nginx: ErrImageNeverPull", True),
    ("crash-loops", {"waiting": LOOP}, "nginx: CrashLoopBackOff: back-off 20s", False),
    ("cannot be run", {"waiting": {"reason": "RunContainerError", "message": "exec: no such file"}},
     "nginx: RunContainerError: exec: no such file", False),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_what_a_container_waits_for_is_said_in_the_kubelets_words(case: Any) -> None:
    _, state, said, outside = case
    made = placed(pod(), **state)
    assert kubelet_says.words(made) == said
    assert kubelet_says.outside(made) == (said if outside else None)


ENDED = {"terminated": {"reason": "Error", "exitCode": 1}}
COMPLETED = {"terminated": {"reason": "Completed", "exitCode": 0}}


@pytest.mark.parametrize(
    ("restarts", "state", "last", "said"),
    [
        (0, ENDED, {}, "nginx: ended with exit code 1, Error"),
        (0, {"terminated": {"exitCode": 3}}, {}, "nginx: ended with exit code 3, no reason"),
        (1, {"waiting": LOOP}, ENDED, "nginx: ended with exit code 1, Error"),
        (1, {"waiting": {}}, ENDED, "nginx: ended with exit code 1, Error"),
        (1, {"running": {}}, ENDED, "nginx: ended with exit code 1, Error"),
        (1, {"running": {}}, COMPLETED, "nginx: ended with exit code 0, Completed"),
        (0, COMPLETED, {}, None),
        (1, ENDED, COMPLETED, "nginx: ended with exit code 1, Error"),
        (1, {"waiting": PULL}, ENDED, "nginx: ImagePullBackOff: Back-off pulling image"),
    ],
)
def test_a_crash_is_one_message_while_it_is_down_waits_and_starts(
    restarts: int, state: dict[str, Any], last: dict[str, Any], said: str | None
) -> None:
    assert kubelet_says.words(placed(pod(), restarts=restarts, last=last, **state)) == said


def test_nothing_is_said_of_an_end_once_it_is_ready_again() -> None:
    made = placed(pod(), restarts=3, last=ENDED, running={})
    ready = [replace(s, ready=True) for s in made.status.container_statuses or ()]
    made = replace(made, status=replace(made.status, container_statuses=ready))
    assert kubelet_says.words(made) is None


def test_scheduling_gates_are_named() -> None:
    """Nobody has given it a node: there is no kubelet that could say anything."""
    gated = pod(schedulingGates=[{"name": "example.com/quota"}, {"name": "example.com/cost"}])
    said = "its scheduling gates have not been removed: example.com/quota, example.com/cost"
    assert (kubelet_says.words(gated), kubelet_says.outside(gated)) == (said, None)


def test_nothing_is_said_of_a_pod_without_containers_yet() -> None:
    assert kubelet_says.words(pod()) is None and kubelet_says.statuses(pod()) == []
