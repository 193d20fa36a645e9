"""The cluster under test, and podtailor in it.

These tests run *inside* the embedded cluster's network namespace (`make e2e` does that), or against
the current context with CLUSTER=current. A cluster that cannot be reached is a failure, never a
skip: a machine that can run these tests must run them.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kube.errors import KubeError, NotFound
from kube.gateway import Gateway, connect
from tests.e2e import namespaces
from tests.e2e.definition import define
from tests.e2e.programs import CONFIGURATION, Programs, unconfigure, wired
from tests.e2e.workloads import Shop

ROOT = Path(__file__).parents[2]
UP = ROOT / "tests/cluster/up"
_CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
_RELEASE, _SPACE = "podtailor", "podtailor-system"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder is an end-to-end test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def cluster() -> None:
    """A running cluster: components of the embedded one that are down are started."""
    if os.environ.get("CLUSTER") == "current":
        return
    if "CONTAINERD_ADDRESS" not in os.environ or "KUBECONFIG" not in os.environ:
        pytest.fail(
            "not inside the embedded cluster: run `make e2e`, that is tests/cluster/up and then "
            "tests/cluster/run .venv/bin/pytest -m e2e; or CLUSTER=current for your own context",
            pytrace=False,
        )
    done = subprocess.run([UP], capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.fail(f"tests/cluster/up: {done.stdout}{done.stderr}", pytrace=False)


@pytest.fixture
def only_one_node() -> Iterator[None]:
    """For a test that adds the second node itself; removes it afterwards."""
    yield
    subprocess.run(["tests/cluster/down", "--node", "2"], check=True)


@pytest.fixture(scope="session")
def gateway(cluster: None) -> Gateway:
    """The API server, with the PodSize CRD installed."""
    try:
        made = connect()
        made.get("/version")
    except KubeError as e:
        where = os.environ.get("KUBECONFIG", "none")
        pytest.fail(f"no cluster ({e}; KUBECONFIG: {where}): run these by `make e2e`", False)
    define(made)
    return made


@pytest.fixture
def namespace(gateway: Gateway) -> Iterator[str]:
    """A fresh namespace, deleted afterwards (not waited for)."""
    with namespaces.fresh(gateway) as name:
        yield name


@pytest.fixture
def kubectl(namespace: str) -> Callable[..., str]:
    """kubectl in that namespace: what it prints; `apply=` is passed to `kubectl apply`."""

    def run(*words: str, apply: object = None) -> str:
        command = ["kubectl", "--namespace", namespace, *words]
        if apply is not None:
            command += ["apply", "-f", "-"]
        stdin = json.dumps(apply) if apply is not None else None
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    return run


@pytest.fixture
def shop(gateway: Gateway, namespace: str, programs: Programs) -> Shop:
    """The namespace, with both programs running, for tests of the closed loop."""
    return Shop(gateway, namespace)


@pytest.fixture(scope="session")
def programs(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Webhook and scaler as processes, for the whole session."""
    with running(
        gateway,
        tmp_path_factory.mktemp("programs"),
        SCALER_RESTARTS_PERHOUR="100",
        SCALER_RESTARTS_CLUSTERPERHOUR="10000",
        SCALER_BREAKER_PAUSE="10",
    ) as made:
        yield made


@contextmanager
def running(gateway: Gateway, folder: Path, **settings: str) -> Iterator[Programs]:
    """Webhook and scaler as processes, with these settings beside those that all tests have."""
    alone(gateway)
    made = wired(
        gateway,
        folder,
        SCALER_INTERVAL="2",
        SCALER_WEBHOOKCONFIGURATION=CONFIGURATION,
        WEBHOOK_CERTIFICATES_MODE="existing-secret",
        **settings,
    )
    made.start()
    yield made
    made.stop()
    with suppress(NotFound):
        unconfigure(gateway)


@contextmanager
def changed(programs: Programs, **settings: str) -> Iterator[None]:
    """The session's scaler with other settings while the block runs; without the prefix."""
    usual = programs.scaler.environment
    changes = {f"PODTAILOR_{name}": value for name, value in settings.items()}
    programs.scaler.stop()
    programs.scaler.environment = {**usual, **changes}
    programs.scaler.start()
    yield
    programs.scaler.stop()
    programs.scaler.environment = usual
    programs.scaler.start()


def alone(gateway: Gateway) -> None:
    """Uninstall any release: with two webhooks and two scalers no result would be conclusive."""
    try:
        gateway.get(f"{_CONFIGURATIONS}/{_RELEASE}-{_SPACE}")
    except NotFound:
        return
    if os.environ.get("CLUSTER") == "current":
        pytest.fail(f"podtailor is installed in {_SPACE}: uninstall it before these tests", False)
    print(f"\nuninstalling release {_RELEASE}, which these tests run as processes")
    command = ["helm", "uninstall", _RELEASE, "--namespace", _SPACE, "--wait"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: {done.stderr}", pytrace=False)
