"""`helm install podtailor charts/podtailor` gives a working system with no flags."""

import pytest

from kube.gateway import Gateway
from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import settled, status_of
from tests.e2e.workloads import Shop, manifest, sizes, steadily, until
from tests.installed.conftest import BY_HAND, HAND, PLAIN, RESTRICTED
from tests.installed.release import Release


@pytest.fixture
def plain_shop(gateway: Gateway, namespace: str, fresh: tuple[Release, float]) -> Shop:
    """A namespace, with a release without any settings."""
    return Shop(gateway, namespace)


def test_all_pods_run_where_restricted_is_enforced(fresh: tuple[Release, float]) -> None:
    release, seconds = fresh
    print(f"helm install --wait: {seconds:.1f} s")
    labels = release.get(f"/api/v1/namespaces/{release.namespace}")["metadata"]["labels"]
    assert labels[RESTRICTED] == "restricted"
    assert release.ready("webhook", 2) and release.ready("scaler", 1)


def test_helm_test_passes(fresh: tuple[Release, float]) -> None:
    release, _ = fresh
    assert "Phase:          Succeeded" in release.test()
    assert "selftest" not in release.kubectl("get", "pods", "-o", "name"), "it left a pod"


def test_a_workload_that_opts_in_gets_its_size(plain_shop: Shop) -> None:
    workload = plain_shop.create(manifest("Deployment"))
    plain_shop.by_hand(workload, BY_HAND)
    until(
        lambda: settled(plain_shop, workload, HAND, 2), 60, lambda: status_of(plain_shop, workload)
    )
    podsize = plain_shop.podsize(workload)
    assert podsize and podsize.status.reason is Reason.MANUAL


def test_a_workload_that_does_not_opt_in_is_left_alone(plain_shop: Shop) -> None:
    workload = plain_shop.create(manifest("Deployment", annotations={}))
    before = [p.metadata.uid for p in plain_shop.pods()]
    steadily(lambda: [p.metadata.uid for p in plain_shop.pods()] == before, 3)
    assert plain_shop.podsize(workload) is None
    assert all(sizes(p) == PLAIN for p in plain_shop.pods())
    assert not any("podtailor" in (p.metadata.annotations or {}) for p in plain_shop.pods())


def test_an_upgrade_to_the_same_release_changes_nothing(fresh: tuple[Release, float]) -> None:
    release, _ = fresh
    before = {p.metadata.uid for c in ("webhook", "scaler") for p in release.pods(c)}
    bundles = release.bundles()
    release.upgrade()
    assert {p.metadata.uid for c in ("webhook", "scaler") for p in release.pods(c)} == before
    assert release.bundles() == bundles and all(bundles)


def test_the_webhook_is_never_asked_about_pods_of_kube_system(fresh: tuple[Release, float]) -> None:
    release, _ = fresh
    [pods, probes] = release.get(release.configuration)["webhooks"]
    [excluded] = pods["namespaceSelector"]["matchExpressions"]
    assert (excluded["operator"], sorted(excluded["values"])) == (
        "NotIn",
        ["kube-system", release.namespace],
    )
    assert probes["objectSelector"] == {"matchLabels": {"podtailor.io/probe": "true"}}
