"""What happens to a container on its node: killed or stopped, as no API call can do it."""

import os
import signal

import pytest

from tests.installed.release import Release, run


def send(release: Release, pod: str, number: signal.Signals) -> None:
    """A signal to all processes of a pod of the release, from its node (the embedded one)."""
    if "CONTAINERD_ADDRESS" not in os.environ:
        pytest.skip("only on the embedded cluster's node can a container be killed")
    [told] = release.get(release.path("pods", pod, "api/v1"))["status"]["containerStatuses"]
    container = told["containerID"].removeprefix("containerd://")
    run("ctr", "-n", "k8s.io", "tasks", "kill", "--all", "--signal", number.name, container)
