"""Surge with the installed chart, under load: what clients notice, compared with plain eviction.

A server that exits at once and is Ready four seconds after its start, four clients that open a new
connection for each request, through a Service, and a budget that allows no eviction. The picture in
the README shows the mean of all changes of each kind, aligned by the second in which the size was
set.
"""

from kube.gateway import Gateway, connect
from tests.bench import fleet, picture
from tests.bench.exchange import BEFORE, Change, Scene
from tests.bench.installed import installed
from tests.bench.machine import ROOT
from tests.bench.outcome import Seen, curve, measured
from tests.bench.results import Measured
from tests.bench.stage import fresh
from tests.e2e.workloads import Shop
from tests.installed.served import crash_looping, pending

CHANGES, BESIDE = 20, 5

PICTURE = ROOT / "docs/surge.svg"
VALUES = (
    "scaler.restarts.perHour=1000",
    "scaler.restarts.clusterPerHour=10000",
    "scaler.deadline.shortest=15",
)
"""All else is as the chart has it."""
_TITLE = "The only pod gets another size: answers per second"
_BELOW = "seconds since the size was set"

_BY_EVICTION = {"disruption": "evict", "single_replica": "restart"}
_FAILING = {"that fits nowhere": pending, "that crash-loops": crash_looping}


def measure() -> Measured:
    """About ten minutes."""
    gateway = connect()
    with installed(gateway, *VALUES):
        seen = Seen(
            surge=_changes(gateway, "ReplicationController", CHANGES),
            evicted=_changes(
                gateway, "ReplicationController", BESIDE, budget=False, **_BY_EVICTION
            ),
            deployment=_changes(gateway, "Deployment", BESIDE),
            undone={what: _undone(gateway, what) for what in _FAILING},
            endpoints=_rolled(gateway),
            reasons={case: _reason(gateway, case) for case in fleet.KINDS},
        )
    curves = {"surge": curve(seen.surge), "eviction": curve(seen.evicted)}
    picture.draw(PICTURE, picture.Curves(_TITLE, _BELOW, -BEFORE, curves))
    return measured(seen, VALUES)


def _changes(
    gateway: Gateway, kind: str, count: int, *, budget: bool = True, **annotations: str
) -> list[Change]:
    print(f"bench: {count} changes of a {kind}, {annotations or 'surge'}", flush=True)
    with fresh(gateway) as name:
        scene = Scene(Shop(gateway, name), kind, budget=budget, **annotations)
        try:
            return scene.changes(count)
        finally:
            scene.stop()


def _undone(gateway: Gateway, what: str) -> fleet.Undone:
    print(f"bench: a size {what}", flush=True)
    with fresh(gateway) as name:
        return fleet.undone(Shop(gateway, name), _FAILING[what])


def _rolled(gateway: Gateway) -> list[int]:
    print(f"bench: {fleet.REPLICAS} replicas", flush=True)
    with fresh(gateway) as name:
        return fleet.rolled(Shop(gateway, name))


def _reason(gateway: Gateway, case: str) -> str:
    with fresh(gateway) as name:
        return fleet.fell_back(Shop(gateway, name), case)
