"""Checks of the chart by other tools: Helm's lint, helm-unittest, and a running API server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.chart import tools
from tests.chart.conftest import CHART, Render

ROOT = CHART.parents[1]
RUN = ROOT / "tests/cluster/run"
# API groups whose kinds an empty cluster does not have.
_FOREIGN = ("cert-manager.io/", "monitoring.coreos.com/")


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_helm_lint_accepts_the_chart(
    helm: str, request: pytest.FixtureRequest, ci_values: Path
) -> None:
    program = request.getfixturevalue(helm)
    command = f"{program} lint --strict {CHART} --values {ci_values} --kube-version 1.37"
    done = subprocess.run(command.split(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_tests_beside_the_chart_pass() -> None:
    command = [str(tools.unittest()), "--strict", str(CHART)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


_HOST_PATH = (
    'restricted volume types (volumes "cgroup", "cpu" use restricted volume type "hostPath")'
)


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    """An empty namespace of the embedded cluster that enforces the restricted standard."""
    if subprocess.run([RUN, "true"], capture_output=True).returncode:
        pytest.skip("no embedded cluster is up: make cluster")
    name = "podtailor-chart-test"
    level = "pod-security.kubernetes.io/enforce"
    made = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {level: "restricted"}},
    }
    kubectl("apply", "-f", "-", given=yaml.safe_dump(made))
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def test_a_real_api_server_takes_every_object(
    render: Render, ci_values: Path, namespace: str
) -> None:
    objects = render(ci_values, "podtailor-chart-test", namespace).objects
    ours = [o for o in objects if not o["apiVersion"].startswith(_FOREIGN)]
    arguments = ("apply", "--dry-run=server", "--validate=strict", "-f", "-")
    done = kubectl(*arguments, given=yaml.safe_dump_all(ours))
    assert len(done.stdout.splitlines()) == len(ours)
    objections = [one for one in done.stderr.splitlines() if "would violate PodSecurity" in one]
    agents = [one for one in ours if one["kind"] == "DaemonSet"]
    assert all(one.endswith(f": {_HOST_PATH}") for one in objections), objections
    assert len(objections) == len(agents), "NOTES.txt says what to do about the agent's volume"


def kubectl(*arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    command = [str(RUN), "kubectl", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done
