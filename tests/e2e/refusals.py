"""What is not admitted, one after the other: no resize is asked for, and the reason is said."""

from collections.abc import Mapping
from typing import Any

from store.model import Workload
from tests.e2e import observed
from tests.e2e.test_quota import quota
from tests.e2e.test_resize import by_hand, said
from tests.e2e.workloads import Json, Shop, manifest, until


def in_turn(
    shop: Shop, annotations: Mapping[str, str], *, patience: float, beside: int = 0, **spec: Any
) -> None:
    """A pod of its own in an empty namespace: no node for it, quota, LimitRange, QoS class.

    `patience`: seconds for each; `beside`: millicores that other pods there request.
    """
    body = manifest("StatefulSet", "web", replicas=1, annotations={**annotations}, **spec)
    web = shop.create(body, ready=False)
    until(lambda: any(p.ready for p in shop.pods("web")), 2 * patience)
    until(lambda: shop.podsize(web) is not None, patience)
    before = observed.made(shop, "web")

    shop.by_hand(web, by_hand("65", "70"))
    blocked(shop, web, "NoNodeFits", patience)

    quota(shop, requests_cpu=f"{beside + 150}m")
    shop.by_hand(web, by_hand("160m", "320m"))
    blocked(shop, web, "Quota", patience)
    quota(shop, requests_cpu=f"{beside + 250}m")
    _in_place(shop, web, 320, patience)

    _most(shop, "330m")
    shop.by_hand(web, by_hand("170m", "340m"))
    blocked(shop, web, "LimitRange", patience)
    _most(shop, "350m")
    _in_place(shop, web, 340, patience)

    shop.by_hand(web, by_hand("170m", "170m"))
    blocked(shop, web, "QoSClass", patience)
    assert observed.made(shop, "web") == before, "nothing was replaced or restarted"


def blocked(shop: Shop, workload: Workload, reason: str, patience: float) -> None:
    """Wait until its status says why nothing is done."""
    wanted = ("Blocked", reason)
    until(lambda: said(shop, workload)[:2] == wanted, patience, lambda: said(shop, workload))


def _in_place(shop: Shop, workload: Workload, limit: int, patience: float) -> None:
    def given() -> bool:
        pods = shop.pods(workload.name)
        has = [c.resources for p in pods for c in p.status.container_statuses or ()]
        limits = [(r.limits or {}).get("cpu") for r in has if r]
        return limits == [f"{limit}m"] and said(shop, workload)[1] == "Manual"

    until(given, 1.5 * patience, lambda: said(shop, workload))


def _most(shop: Shop, cpu: str) -> None:
    """The namespace's LimitRange: a container's largest limit."""
    path = f"/api/v1/namespaces/{shop.namespace}/limitranges"
    spec: Json = {"limits": [{"type": "Container", "max": {"cpu": cpu}}]}
    if b'"most"' in shop.gateway.get(path):
        shop.gateway.patch(f"{path}/most", {"spec": spec})
    else:
        shop.gateway.post(path, {"metadata": {"name": "most"}, "spec": spec})
