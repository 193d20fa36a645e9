"""What can happen to a container on its node: killed or stopped, which no API call can do."""

import os
import signal

import pytest

from tests.installed.release import Release, run


def send(release: Release, pod: str, number: signal.Signals) -> None:
    """Send a signal to all processes of one of the release's pods, from its (embedded) node."""
    if "CONTAINERD_ADDRESS" not in os.environ:
        pytest.skip("only on the embedded cluster's node can a container be killed")
    [status] = release.get(release.path("pods", pod, "api/v1"))["status"]["containerStatuses"]
    container = status["containerID"].removeprefix("containerd://")
    run("ctr", "-n", "k8s.io", "tasks", "kill", "--all", "--signal", number.name, container)
