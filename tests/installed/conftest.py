"""The release under test: installed once without flags, then with quicker settings for the tests.

Run by `make e2e`, after the image was built and loaded. With CLUSTER=current these tests install
release `podtailor` in namespace `podtailor-system` of the current context, and uninstall it at the
end.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kube.errors import KubeError
from kube.gateway import APPLY_PATCH, Gateway, connect
from store.model import Resources, Size, Workload
from tests.e2e.conftest import cluster, kubectl, namespace, only_one_node
from tests.e2e.workloads import Shop, container, manifest, sized, until
from tests.installed.asking import Asker
from tests.installed.release import QUICK, Release

__all__ = ["cluster", "kubectl", "namespace", "only_one_node"]

FIRST, LAST = "test_installing.py", "test_leaving.py"
BY_HAND = {"name": "app", **sized("150m", "300m", "48Mi")}
MEMORY = 1024**2
HAND = Size(Resources(150, 48 * MEMORY), Resources(300, 48 * MEMORY))
PLAIN = Size(Resources(100, 32 * MEMORY), Resources(200, 32 * MEMORY))
SMALL = sized("20m", "100m")
VETERAN = "veteran"
RESTRICTED = "pod-security.kubernetes.io/enforce"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder is end-to-end; installation is tested first, removal last."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        if "soak" not in item.keywords:
            item.add_marker(pytest.mark.e2e)
    order = {FIRST: 0, LAST: 2}
    here.sort(key=lambda item: order.get(item.path.name, 1))
    items[:] = [item for item in items if item not in here] + here


@pytest.fixture(scope="session")
def gateway(cluster: None) -> Gateway:
    """The API server."""
    try:
        made = connect()
        made.get("/version")
    except KubeError as e:
        where = os.environ.get("KUBECONFIG", "none")
        pytest.fail(f"no cluster ({e}; KUBECONFIG: {where}): run these by `make e2e`", False)
    return made


@pytest.fixture(scope="session")
def fresh(gateway: Gateway) -> Iterator[tuple[Release, float]]:
    """The release, installed without flags into a restricted namespace, and the seconds it took."""
    made = Release(gateway)
    if made.there():
        if os.environ.get("CLUSTER") == "current":
            pytest.fail("release podtailor is installed: uninstall it before these tests", False)
        made.uninstall()
    gateway.patch(
        f"/api/v1/namespaces/{made.namespace}",
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": made.namespace, "labels": {RESTRICTED: "restricted"}},
        },
        APPLY_PATCH,
        fieldManager="e2e",
        force="true",
    )
    yield made, made.install()
    if made.there():
        made.uninstall()


@pytest.fixture(scope="session")
def veteran(gateway: Gateway) -> Iterator[tuple[Shop, Workload]]:
    """A workload that is not enrolled; its pod runs from the start on, as usage takes minutes."""
    path = "/api/v1/namespaces"
    gateway.post(path, {"metadata": {"name": VETERAN}})
    shop = Shop(gateway, VETERAN)
    plain = manifest("Deployment", replicas=1, annotations={}, containers=[container(**SMALL)])
    yield shop, shop.create(plain, ready=False)
    gateway.delete(f"{path}/{VETERAN}")


@pytest.fixture(scope="session")
def quick(fresh: tuple[Release, float], veteran: object) -> Release:
    """The same release with short intervals."""
    fresh[0].upgrade(*QUICK)
    return fresh[0]


@pytest.fixture
def release(quick: Release) -> Release:
    """The release in working order: whatever the previous test has broken is repaired."""
    try:
        until(quick.whole, 15 if quick.trusted() else 0)
    except AssertionError:
        quick.upgrade(*QUICK, force=True) if quick.there() else quick.install(*QUICK)
        until(quick.whole, 60)
    return quick


@pytest.fixture
def privileged(release: Release) -> Iterator[Release]:
    """The same where the namespace lets node agents have the node's cgroups; none afterwards."""
    level(release, "privileged")
    yield release
    release.upgrade(*QUICK)
    until(lambda: not release.pods("agent"), 120)
    level(release, "restricted")


def level(release: Release, name: str) -> None:
    """Which of the Pod Security Standards its namespace enforces."""
    words = ["label", "--overwrite", "namespace", release.namespace, f"{RESTRICTED}={name}"]
    release.kubectl(*words)


@pytest.fixture
def shop(gateway: Gateway, namespace: str, release: Release) -> Shop:
    """A namespace in which the release is active."""
    return Shop(gateway, namespace)


@pytest.fixture
def asker(shop: Shop) -> Asker:
    """A workload with a stored size (`HAND`) and one pod, which is not replaced for it."""
    annotations = {"podtailor.io/mode": "initial"}
    workload = shop.create(manifest("ReplicationController", replicas=1, annotations=annotations))
    shop.by_hand(workload, BY_HAND)
    made = Asker(shop.gateway, workload)
    until(lambda: made.ask() == HAND, 30, lambda: shop.podsize(workload))
    return made


def timed(what: str, since: float) -> None:
    """A figure for the log of the run."""
    print(f"{what}: {time.monotonic() - since:.1f} s")
