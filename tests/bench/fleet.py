"""Surge in other cases than one healthy pod: ten pods, a failing one, a workload without surge."""

from collections.abc import Callable
from dataclasses import dataclass

from store.model import Workload
from store.reasons import Reason
from tests.bench.endpoints import Endpoints
from tests.bench.exchange import said
from tests.e2e.workloads import Json, Shop, manifest, sized, sizes, until
from tests.installed.served import everything, loaded, served, serving, untouched

REPLICAS = 10
_SMALL = ("20m", "100m"), ("25m", "125m")
_PATIENCE = 60.0  # seconds for one change
_RESTARTED = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}

KINDS: dict[str, tuple[str, Json]] = {
    "StatefulSet": ("StatefulSet", {}),
    "DaemonSet": ("DaemonSet", {}),
    "Deployment with Recreate": ("Deployment", {"strategy": {"type": "Recreate"}}),
}


@dataclass(frozen=True)
class Undone:
    """A change that failed. `untouched`: whether the old pod was not affected."""

    answered: int
    failed: int
    gap: float
    untouched: bool
    message: str


def undone(shop: Shop, fails: Callable[[Shop], tuple[Workload, Json]]) -> Undone:
    """Set a size by hand that the replacement cannot live with, and wait for the rollback."""
    workload, hand = fails(shop)
    before = shop.pods()[0].metadata.uid

    def rolled_back() -> bool:
        podsize = shop.podsize(workload)
        back = podsize is not None and podsize.status.reason is Reason.ROLLED_BACK
        return back and len(everything(shop)) == 1

    with loaded(shop) as tally:
        shop.by_hand(workload, hand)
        until(lambda: len(everything(shop)) == 2, _PATIENCE, lambda: said(shop, workload))
        until(rolled_back, 2 * _PATIENCE, lambda: said(shop, workload))
    return Undone(
        answered=sum(tally.answered.values()),
        failed=sum(tally.failed.values()),
        gap=tally.longest_gap,
        untouched=untouched(shop, before),
        message=said(shop, workload)["message"] or "",
    )


def rolled(shop: Shop) -> list[int]:
    """Ten replicas get another size; how many ready endpoints there were meanwhile."""
    made = served(1, **sized(*_SMALL[0], memory="16Mi"))
    workload = serving(shop, replicas=REPLICAS, containers=[made])
    endpoints = Endpoints(shop.gateway, shop.namespace, "web")
    limit = int(_SMALL[1][1].rstrip("m"))
    try:
        until(lambda: endpoints.seen[-1:] == [REPLICAS], _PATIENCE)
        endpoints.seen.clear()
        shop.by_hand(workload, {"name": "app", **sized(*_SMALL[1], memory="16Mi")})
        until(
            lambda: [sizes(p).limits.cpu for p in everything(shop)] == [limit] * REPLICAS,
            REPLICAS * _PATIENCE,
            lambda: said(shop, workload),
        )
    finally:
        endpoints.stop()
    return endpoints.seen[:]


def fell_back(shop: Shop, case: str) -> str:
    """The pod of a workload that cannot surge gets its size nevertheless; what is reported then."""
    kind, spec = KINDS[case]
    workload = shop.create(manifest(kind, replicas=1, annotations=_RESTARTED, **spec))
    shop.by_hand(workload, {"name": "app", **sized("150m", "300m")})

    def evicted() -> bool:
        pods = everything(shop)
        return [(sizes(p).limits.cpu, p.ready) for p in pods] == [(300, True)]

    until(evicted, _PATIENCE, lambda: said(shop, workload))
    notes = [n for _, reason, n in shop.events(workload) if reason == "SurgeUnavailable"]
    return notes[0] if notes else ""
