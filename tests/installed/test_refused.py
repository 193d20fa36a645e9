"""Third-party policies refuse what a hand-over leads to, with the installed chart."""

from collections.abc import Callable

import pytest

from kube.errors import KubeError
from store.model import Workload
from store.reasons import Reason
from tests.e2e.conftest import kubectl, namespace
from tests.e2e.policies import refusing, rewriting
from tests.e2e.test_sizes_reach_pods import status_of
from tests.e2e.workloads import Json, Shop, manifest, sizes, steadily, until
from tests.installed.conftest import BY_HAND, HAND
from tests.installed.release import Release
from tests.installed.served import everything, served

__all__ = ["kubectl", "namespace"]

KEPT = "request.userInfo.username.startsWith('system:node:')"
NOTED = (
    "Object{metadata: Object.metadata{annotations: Object.metadata.annotations{seen: string(1)}}}"
)


def reason(shop: Shop, workload: Workload) -> Reason | None:
    podsize = shop.podsize(workload)
    return podsize.status.reason if podsize else None


def count(shop: Shop, workload: Workload) -> int:
    podsize = shop.podsize(workload)
    return podsize.status.restarts.count if podsize else 0


def refusals(shop: Shop, workload: Workload) -> list[str]:
    return [note for _, why, note in shop.events(workload) if why == "Refused"]


def serving(shop: Shop, replicas: int, **annotations: str) -> Workload:
    return shop.create(
        manifest(
            "Deployment",
            replicas=replicas,
            containers=[served()],
            annotations={"podtailor.io/mode": "auto", **annotations},
        )
    )


def denied(shop: Shop, verb: Callable[[], object], words: str) -> bool:
    """Whether the policy is in force by now."""
    try:
        verb()
    except KubeError as e:
        return words in e.message
    return False


def path(shop: Shop) -> str:
    return f"/api/v1/namespaces/{shop.namespace}/pods/{shop.pods()[0].metadata.name}"


def test_protected_from_deletion_the_only_pod_is_left_alone(shop: Shop) -> None:
    workload = serving(shop, 1)
    (before,) = everything(shop)
    delete: Json = {"dryRun": ["All"]}
    with refusing(shop.gateway, shop.namespace, "DELETE", KEPT, "keep off"):
        until(lambda: denied(shop, lambda: shop.gateway.delete(path(shop), delete), "keep off"), 30)
        shop.by_hand(workload, BY_HAND)
        until(
            lambda: reason(shop, workload) is Reason.REFUSED, 30, lambda: status_of(shop, workload)
        )
        steadily(lambda: [p.metadata.uid for p in everything(shop)] == [before.metadata.uid], 20)
        assert "keep off" in str(status_of(shop, workload))
        assert count(shop, workload) == 0
        assert len(refusals(shop, workload)) == 1, refusals(shop, workload)


def test_protected_from_deletion_two_pods_are_evicted(shop: Shop) -> None:
    workload = serving(shop, 2)
    delete: Json = {"dryRun": ["All"]}
    with refusing(shop.gateway, shop.namespace, "DELETE", KEPT, "keep off"):
        until(lambda: denied(shop, lambda: shop.gateway.delete(path(shop), delete), "keep off"), 30)
        shop.by_hand(workload, BY_HAND)
        until(
            lambda: [sizes(p) for p in everything(shop)] == [HAND, HAND],
            60,
            lambda: status_of(shop, workload),
        )
        assert count(shop, workload) == 2


def test_a_policy_that_writes_to_every_pod_that_is_updated(shop: Shop) -> None:
    alone = serving(shop, 1)
    with rewriting(shop.gateway, shop.namespace, "UPDATE", NOTED):
        noted = {"metadata": {"labels": {"a": "b"}}}
        until(lambda: b'"seen"' in shop.gateway.patch(path(shop), noted, dryRun="All"), 30)
        shop.by_hand(alone, BY_HAND)
        until(lambda: reason(shop, alone) is Reason.REFUSED, 30, lambda: status_of(shop, alone))
        steadily(lambda: count(shop, alone) == 0, 20)
        assert len(refusals(shop, alone)) == 1, refusals(shop, alone)


@pytest.fixture
def tenant(release: Release, shop: Shop) -> Shop:
    """Another namespace, whose pods' updates are refused with what is in them."""
    name = f"{shop.namespace}-tenant"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    shop.gateway.post("/api/v1/namespaces", body)
    return Shop(shop.gateway, name)


SECRET = (
    "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'app', env: "
    "[Object.spec.containers.env{name: 'PASSWORD', value: 'hunter2'}]}]}}"
)


def test_what_one_tenant_refuses_is_not_held_against_another(shop: Shop, tenant: Shop) -> None:
    refused, free = serving(tenant, 1), serving(shop, 1)
    (before,) = everything(shop)
    with rewriting(tenant.gateway, tenant.namespace, "UPDATE", SECRET):
        noted = {"metadata": {"labels": {"a": "b"}}}

        def changed() -> object:
            return tenant.gateway.patch(path(tenant), noted, dryRun="All")

        until(lambda: denied(tenant, changed, "Forbidden"), 30)
        tenant.by_hand(refused, BY_HAND)
        until(
            lambda: reason(tenant, refused) is Reason.REFUSED,
            30,
            lambda: status_of(tenant, refused),
        )
        shop.by_hand(free, BY_HAND)
        until(
            lambda: [sizes(p) for p in everything(shop)] == [HAND],
            60,
            lambda: status_of(shop, free),
        )
        assert before.metadata.uid not in [p.metadata.uid for p in everything(shop)]
        said = f"{status_of(shop, free)}{shop.events(free)}"
        assert "hunter2" not in said and tenant.namespace not in said
        assert count(tenant, refused) == 0
    shop.gateway.delete(f"/api/v1/namespaces/{tenant.namespace}")
