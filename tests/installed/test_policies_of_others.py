"""A pod keeps the labels by which somebody's policy selects it, until it is gone."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e import foreign
from tests.e2e.conftest import kubectl, namespace
from tests.e2e.test_sizes_reach_pods import status_of
from tests.e2e.workloads import Json, Shop, until
from tests.installed.conftest import BY_HAND
from tests.installed.served import everything, serving
from tests.installed.test_surge import alone

__all__ = ["kubectl", "namespace"]

WEB = {"matchLabels": {"app": "web"}}
OTHERS = {"matchLabels": {"app": "db"}}


@pytest.fixture(params=["cilium", "calico"])
def policies(request: pytest.FixtureRequest, shop: Shop) -> Iterator[tuple[str, Json, Json]]:
    """The path of a kind's objects, a spec that selects the pod by the label, and one that does
    not."""
    if request.param == "cilium":
        kind = ("CiliumNetworkPolicy", "cilium.io", "v2")
        specs: tuple[Json, Json] = ({"endpointSelector": WEB}, {"endpointSelector": OTHERS})
    else:
        kind = ("NetworkPolicy", "crd.projectcalico.org", "v1")
        specs = ({"selector": "app == 'web'"}, {"selector": "app == 'db'"})
    with foreign.installed(shop.gateway, *kind) as path:
        yield path.format(shop.namespace), *specs


@pytest.mark.parametrize("selects", [True, False], ids=["by the label", "another pod"])
def test_the_label_by_which_a_policy_selects_a_pod_stays(
    shop: Shop, policies: tuple[str, Json, Json], selects: bool
) -> None:
    path, mine, others = policies
    group, version = path.split("/")[2:4]
    kind = "CiliumNetworkPolicy" if "cilium" in group else "NetworkPolicy"
    body: Json = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": "p"}}
    shop.gateway.post(path, {**body, "spec": mine if selects else others})
    workload = serving(shop, "Deployment", budget=False)
    (before,) = everything(shop)
    kept: list[bool] = []

    def exchanged() -> bool:
        raw = shop.gateway.get(f"/api/v1/namespaces/{shop.namespace}/pods").decode()
        old = [p for p in _pods(raw) if p["metadata"]["uid"] == before.metadata.uid]
        kept.extend("app" in p["metadata"].get("labels", {}) for p in old)
        return not old and alone(shop, before.metadata.uid)

    shop.by_hand(workload, BY_HAND)
    until(exchanged, 60, lambda: status_of(shop, workload))
    assert all(kept) is selects, "drained where nobody minds"


def _pods(raw: str) -> list[Json]:
    found: list[Json] = json.loads(raw)["items"]
    return found
