"""The kubelet's words about containers that wait, and which causes no size can change."""

from typing import Any

import pytest

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


def test_scheduling_gates_are_named() -> None:
    """Nobody has given it a node: there is no kubelet that could say anything."""
    gated = pod(schedulingGates=[{"name": "example.com/quota"}, {"name": "example.com/cost"}])
    said = "its scheduling gates have not been removed: example.com/quota, example.com/cost"
    assert (kubelet_says.words(gated), kubelet_says.outside(gated)) == (said, None)


def test_nothing_is_said_of_a_pod_without_containers_yet() -> None:
    assert kubelet_says.words(pod()) is None and kubelet_says.statuses(pod()) == []
