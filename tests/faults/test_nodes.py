"""The nodes of the pods: silent, drained, or gone."""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest

from kube.gateway import Gateway
from store.model import Resources, Size
from store.reasons import Reason
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import MEMORY, settled
from tests.e2e.test_undo import free, passing
from tests.e2e.workloads import ANYWHERE, container, manifest, sized, until
from tests.faults.conftest import component, embedded_only, for_a_while
from tests.faults.form import FULL
from tests.faults.trial import Trial

WAIT = "60" if FULL else "6"
"""Seconds that a pod may wait for a node before its size is blamed."""

pytestmark = embedded_only


def is_ready(gateway: Gateway, node: str) -> bool:
    found = json.loads(gateway.get(f"/api/v1/nodes/{node}"))
    conditions = {c["type"]: c["status"] for c in found["status"]["conditions"]}
    return conditions.get("Ready") == "True"


@pytest.fixture
def kubelet() -> Iterator[None]:
    """The kubelet runs again afterwards, whatever happens."""
    yield
    component("start", "kubelet")


def test_the_kubelet_is_away(trial: Trial, kubelet: None) -> None:
    """Until the node is NotReady: its pods are not Ready then, and no other is replaced."""
    node = trial.shop.pods()[0].spec.node_name or ""
    component("kill", "kubelet")
    trial.begin()
    until(lambda: not is_ready(trial.shop.gateway, node), 90)
    for_a_while(5, 120)
    assert len(trial.watched.made) == 3, "one pod was replaced, and none since"
    component("start", "kubelet")
    until(lambda: is_ready(trial.shop.gateway, node), 60)
    trial.heals()
    trial.unharmed("the kubelet is away until its node is NotReady", away=2)


@pytest.fixture(scope="module")
def second_node() -> Iterator[None]:
    """A second node, for pods that tolerate its taint."""
    _cluster("up", "--nodes", "2")
    yield
    nodes = subprocess.run(
        ["kubectl", "get", "nodes", "-o", "name"], capture_output=True, text=True
    )
    if "node/node-2" in nodes.stdout.split():
        _cluster("down", "--node", "2")


def _cluster(*words: str) -> None:
    command = [f"tests/cluster/{words[0]}", *words[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def movable(second_node: None, put_on_trial: Callable[..., Trial]) -> Trial:
    """Pods that may run on either node."""
    return put_on_trial(pod=ANYWHERE)


def test_a_node_is_drained(movable: Trial, kubectl: Callable[..., str]) -> None:
    movable.begin()
    node = movable.shop.pods()[0].spec.node_name or ""
    there = [p for p in movable.shop.pods() if p.spec.node_name == node]
    movable.expected += len(there)
    try:
        kubectl("drain", node, "--pod-selector=app=web", "--timeout=50s")
        for_a_while(0, 60)
    finally:
        kubectl("uncordon", node)
    movable.heals()
    movable.unharmed("the node is drained", away=len(there) + 1)


@pytest.fixture
def impatient(programs: Programs) -> Iterator[None]:
    """A scaler that waits only seconds for a node, in the short form."""
    usual = programs.scaler.environment
    programs.scaler.stop()
    programs.scaler.environment = {**usual, "PODTAILOR_SCALER_DEADLINE_SHORTEST": WAIT}
    programs.scaler.start()
    yield
    programs.scaler.stop()
    programs.scaler.environment = usual
    programs.scaler.start()


def test_the_only_node_that_fits_goes(
    second_node: None, impatient: None, movable: Trial, gateway: Gateway
) -> None:
    """The size is rolled back for pods that find no node; with the smaller one they fit."""
    shop = movable.shop
    until(lambda: not passing(gateway, shop), 60)
    filling = f"{free(gateway) - 200}m"
    rest = [container(**sized(filling, filling))]
    shop.create(manifest("Deployment", "rest", replicas=1, annotations={}, containers=rest))
    movable.begin({"name": "app", "requests": {"cpu": "450m"}, "limits": {"cpu": "500m"}})
    until(lambda: settled(shop, movable.workload, _BIG, 2), 60, movable.said)
    lost = {p.spec.node_name for p in shop.pods()}
    assert len(lost) == 1, "both are where there is room"
    movable.expected += 4  # deleted, recreated too large, and replaced for the smaller size
    _cluster("down", "--node", "2")
    movable.heals()
    movable.says(Reason.ROLLED_BACK, within=60 + int(WAIT))
    movable.recovered("the only node that fits goes, with two pods", away=2)


_BIG = Size(Resources(450, MEMORY), Resources(500, MEMORY))
