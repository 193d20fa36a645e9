"""The release, the node `v2`, and what is sized on it, side by side."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kube.gateway import Gateway
from tests.cluster.layout import layout_of
from tests.cluster.say import Unavailable
from tests.cluster.vm.machine import machine_of
from tests.e2e import namespaces
from tests.e2e.conftest import alone, cluster, gateway
from tests.e2e.workloads import Shop, until
from tests.installed.release import QUICK, Release
from tests.nodes.node import NodeV2

__all__ = ["cluster", "gateway"]

_ROOT = Path(__file__).parents[2]
_UP = _ROOT / "tests/cluster/up"
PATIENT = ("scaler.restarts.inFlight=20", "scaler.resize.deadline=20")
"""As patient with kubelets as emulation needs."""
_BUILT = 300.0
"""Seconds for a node whose disks are there: `make v2` has built them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder needs the cluster, and a node in a virtual machine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def node(gateway: Gateway) -> NodeV2:
    """The node, Ready."""
    done = subprocess.run([_UP, "--node", "v2"], capture_output=True, text=True, timeout=_BUILT)
    if done.returncode == Unavailable.status:
        pytest.skip(f"no virtual machine here: {done.stderr.strip()}")
    assert done.returncode == 0, f"tests/cluster/up --node v2: {done.stdout}{done.stderr}"
    return NodeV2(machine_of(layout_of(_ROOT, os.environ), "v2"), gateway)


@pytest.fixture(scope="session")
def release(gateway: Gateway) -> Iterator[Release]:
    """As users have it: surge is only by a scaler whose rights are bounded. On another node."""
    alone(gateway)
    made = Release(gateway)
    made.install(*QUICK, *PATIENT)
    until(made.whole, 60)
    yield made
    made.uninstall()


@pytest.fixture(scope="module")
def shop(gateway: Gateway, node: NodeV2, release: Release) -> Iterator[Shop]:
    """One namespace for all tests of a file, so that their minutes pass at once."""
    with namespaces.fresh(gateway) as name:
        yield Shop(gateway, name)
