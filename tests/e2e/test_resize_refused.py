"""`strategy: resize` where there can be none: said with its own reason, and nothing is lost for it.

What a kubelet answers to a resize that was asked of it: test_resize.py.
"""

from scaler.health.unhealthy_pods import CRASHES
from store.model import Workload
from tests.e2e import observed
from tests.e2e.programs import Program
from tests.e2e.test_quota import quota
from tests.e2e.test_resize import RESIZE, by_hand, resizing, said
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, until

__all__ = ["resizing"]

_CRASHES = ["/bin/busybox", "sh", "-c", "/bin/busybox sleep 2; exit 1"]
_REPLACED = {**RESIZE, "podtailor.io/single-replica": "restart"}


def test_what_is_not_admitted_waits_and_what_crash_loops_is_not_resized(
    shop: Shop, resizing: Program
) -> None:
    """In one test, as a crash loop takes a minute to be one: a resize would begin its kubelet's
    back-off again, and whoever is not Ready is not replaced for a size."""
    never_ready = {**container(**sized("50m", "100m")), "command": _CRASHES}
    made = {
        "web": manifest("StatefulSet", "web", replicas=1, annotations=RESIZE),
        "wide": manifest("StatefulSet", "wide", replicas=1, annotations=RESIZE),
        "loops": manifest(
            "Deployment", "loops", containers=[never_ready], replicas=1, annotations=_REPLACED
        ),
    }
    known = {name: shop.create(body, ready=False) for name, body in made.items()}
    until(lambda: all(any(p.ready for p in shop.pods(n)) for n in ("web", "wide")), 60)
    until(lambda: all(shop.podsize(w) for w in known.values()), 20)
    before = {n: observed.made(shop, n) for n in ("web", "wide")}
    web = known["web"]

    shop.by_hand(known["wide"], by_hand("65", "70"))
    _blocked(shop, known["wide"], "NoNodeFits")

    quota(shop, requests_cpu="300m")
    shop.by_hand(web, by_hand("160m", "320m"))
    _blocked(shop, web, "Quota")
    quota(shop, requests_cpu="400m")
    _in_place(shop, web, 320)

    _most(shop, "330m")
    shop.by_hand(web, by_hand("170m", "340m"))
    _blocked(shop, web, "LimitRange")
    _most(shop, "350m")
    _in_place(shop, web, 340)

    shop.by_hand(web, by_hand("170m", "170m"))
    _blocked(shop, web, "QoSClass")
    after = {n: observed.made(shop, n) for n in before}
    assert after == before, "nothing was replaced or restarted"

    until(lambda: _loops(shop), 120, lambda: said(shop, known["loops"]))
    (old,) = shop.pods("loops")
    shop.by_hand(known["loops"], by_hand("60m", "120m"))
    _blocked(shop, known["loops"], "NotReady")
    (still,) = shop.pods("loops")
    assert still.metadata.uid == old.metadata.uid and sizes(still).limits.cpu == 100


def _blocked(shop: Shop, workload: Workload, reason: str) -> None:
    wanted = ("Blocked", reason)
    until(lambda: said(shop, workload)[:2] == wanted, 20, lambda: said(shop, workload))


def _in_place(shop: Shop, workload: Workload, limit: int) -> None:
    def given() -> bool:
        pods = shop.pods(workload.name)
        has = [c.resources for p in pods for c in p.status.container_statuses or ()]
        limits = [(r.limits or {}).get("cpu") for r in has if r]
        return limits == [f"{limit}m"] and said(shop, workload)[1] == "Manual"

    until(given, 30, lambda: said(shop, workload))


def _most(shop: Shop, cpu: str) -> None:
    """The namespace's LimitRange: a container's largest limit."""
    path = f"/api/v1/namespaces/{shop.namespace}/limitranges"
    spec: Json = {"limits": [{"type": "Container", "max": {"cpu": cpu}}]}
    if b'"most"' in shop.gateway.get(path):
        shop.gateway.patch(f"{path}/most", {"spec": spec})
    else:
        shop.gateway.post(path, {"metadata": {"name": "most"}, "spec": spec})


def _loops(shop: Shop) -> bool:
    """Also in the seconds in which it runs."""
    statuses = [c for p in shop.pods("loops") for c in p.status.container_statuses or ()]
    return bool(statuses) and all(c.restart_count > CRASHES and not c.ready for c in statuses)
