"""When a container's ends are a loop, and the kubelet's words about it."""

from typing import Any

import pytest

from kube import objects
from scaler.health.crash_loops import CRASHES, detail, looping
from scaler.health.restarting import CALM
from tests.unit.scaler.builders import NOW, pod
from tests.unit.scaler.troubled import between, placed
from tests.unit.scaler.troubled import looping as in_back_off

BACK_OFF = "crash-loops: nginx: back-off 20s restarting; last: Error, exit code 1"
BETWEEN = "crash-loops: nginx: last: Error, exit code 1"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (in_back_off(pod(), restarts=CRASHES), BACK_OFF),
        (in_back_off(pod(), restarts=CRASHES - 1), None),
        (between(pod(), ended=20.0, restarts=CRASHES + 1), BETWEEN),
        (between(pod(), ended=20.0, restarts=CRASHES), None),
        (between(pod(), ended=CALM, restarts=CRASHES + 1), None),
    ],
)
def test_a_loop_is_a_third_end_in_back_off_or_within_ten_minutes(
    made: objects.Pod, said: str | None
) -> None:
    assert looping(made, NOW) == said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"waiting": {"reason": "ErrImagePull", "message": "no"}}, "nginx: ErrImagePull: no"),
        ({"waiting": {"reason": "CrashLoopBackOff"}}, "nginx: CrashLoopBackOff"),
        ({"terminated": {"reason": "Error", "exitCode": 3}}, "nginx: last: Error, exit code 3"),
        ({"running": {}}, "no message from the kubelet"),
    ],
)
def test_the_last_word_is_the_kubelet_s(state: dict[str, Any], said: str) -> None:
    assert detail(placed(pod(), **state)) == said
