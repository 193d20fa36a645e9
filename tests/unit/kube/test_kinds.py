"""The paths are the API server's own, and the tests write them out."""

import pytest

from kube import kinds
from kube.kinds import Kind
from store.model import PODSIZE


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (kinds.POD.path(), "/api/v1/pods"),
        (kinds.POD.path("shop"), "/api/v1/namespaces/shop/pods"),
        (
            kinds.POD.path("shop", "web-1", "eviction"),
            "/api/v1/namespaces/shop/pods/web-1/eviction",
        ),
        (
            kinds.DEPLOYMENT.path("shop", "web"),
            "/apis/apps/v1/namespaces/shop/deployments/web",
        ),
        (
            kinds.WEBHOOK_CONFIGURATION.path("", "podtailor"),
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podtailor",
        ),
        (
            PODSIZE.path("shop", "deployment-web", "status"),
            "/apis/podtailor.io/v1alpha1/namespaces/shop/podsizes/deployment-web/status",
        ),
    ],
)
def test_a_path_names_the_group_the_namespace_and_what_lies_under_an_object(
    found: str, expected: str
) -> None:
    assert found == expected


def test_the_owners_are_the_five_of_the_contract_by_name() -> None:
    assert {kind: found.path() for kind, found in kinds.OWNERS.items()} == {
        "ReplicationController": "/api/v1/replicationcontrollers",
        "ReplicaSet": "/apis/apps/v1/replicasets",
        "Deployment": "/apis/apps/v1/deployments",
        "StatefulSet": "/apis/apps/v1/statefulsets",
        "DaemonSet": "/apis/apps/v1/daemonsets",
    }


def test_no_two_rows_of_the_table_are_the_same_kind() -> None:
    rows = [found for found in vars(kinds).values() if isinstance(found, Kind)]
    assert len({(k.api_version, k.name) for k in rows}) == len(rows)
    assert len({k.path() for k in rows}) == len(rows)
