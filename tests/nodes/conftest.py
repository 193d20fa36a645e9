"""The programs as processes, the node `v2`, and what is sized on it, side by side."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kube.gateway import Gateway
from tests.cluster.layout import layout_of
from tests.cluster.vm.machine import machine_of
from tests.e2e import namespaces
from tests.e2e.conftest import cluster, gateway, running
from tests.e2e.programs import Programs
from tests.e2e.workloads import Shop
from tests.nodes.node import NodeV2

__all__ = ["cluster", "gateway"]

_ROOT = Path(__file__).parents[2]
_UP = _ROOT / "tests/cluster/up"
_BUILT = 300.0
"""Seconds for a node whose disks are there: `make e2e-v2` has built them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder needs the cluster, and a node in a virtual machine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def node(gateway: Gateway) -> NodeV2:
    """The node, Ready."""
    done = subprocess.run([_UP, "--node", "v2"], capture_output=True, text=True, timeout=_BUILT)
    assert done.returncode == 0, f"tests/cluster/up --node v2: {done.stdout}{done.stderr}"
    return NodeV2(machine_of(layout_of(_ROOT, os.environ), "v2"), gateway)


@pytest.fixture(scope="module")
def programs(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Webhook and scaler; as patient with kubelets as emulation needs."""
    with running(
        gateway,
        tmp_path_factory.mktemp("programs"),
        SCALER_RESTARTS_INFLIGHT="20",
        SCALER_RESIZE_DEADLINE="20",
    ) as made:
        yield made


@pytest.fixture(scope="module")
def shop(gateway: Gateway, node: NodeV2, programs: Programs) -> Iterator[Shop]:
    """One namespace for all tests of a file, so that their minutes pass at once."""
    with namespaces.fresh(gateway) as name:
        yield Shop(gateway, name)
