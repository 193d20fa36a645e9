"""All pods of one workload get twice the CPU: in place, and by surge in the same run.

With the installed chart, because only its scaler may surge. The time is from the size by hand until
the last pod has it, and is Ready.
"""

import time

from kube.gateway import connect
from tests.bench.installed import installed
from tests.bench.results import Figure, Measured
from tests.bench.stage import fresh
from tests.e2e.hungry import program
from tests.e2e.workloads import Json, Shop, manifest, sized, until

PODS = 100
MOST = 0.2
"""Of the time that surge takes."""
VALUES = ("scaler.restarts.perHour=1000", "scaler.restarts.clusterPerHour=10000")
_IDLE = "while :; do /bin/busybox sleep 60; done"
_PATIENCE = 20.0  # seconds for each pod


def measure(pods: int = PODS) -> Measured:
    """About ten minutes with 100 pods, nearly all of them for surge."""
    gateway = connect()
    with installed(gateway, *VALUES):
        took, replaced = {}, {}
        for strategy in ("resize", "recreate"):
            print(f"bench: {pods} pods, {strategy}", flush=True)
            with fresh(gateway) as name:
                took[strategy], replaced[strategy] = _doubled(Shop(gateway, name), strategy, pods)
    share = took["resize"] / took["recreate"]
    return Measured(
        figures=[
            Figure(f"{pods} pods in place", round(took["resize"], 1), "s"),
            Figure(f"{pods} pods by surge", round(took["recreate"], 1), "s"),
            Figure("in place as a share of surge", round(share, 3), "", MOST),
            Figure("pods replaced, or started again, in place", replaced["resize"], "", 0),
        ],
        how={
            "workload": f"Deployment of {pods} idle pods, 5m/20m to 10m/40m by hand",
            "values": VALUES,
            "until": "the last pod is Ready, and its kubelet says that it has the size",
        },
    )


def _doubled(shop: Shop, strategy: str, count: int) -> tuple[float, int]:
    """Seconds, and how many pods are not what they were."""
    annotations = {"podtailor.io/mode": "auto", "podtailor.io/strategy": strategy}
    small = [program(_IDLE, **sized("5m", "20m", "8Mi"))]
    made = manifest("Deployment", replicas=count, annotations=annotations, containers=small)
    workload = shop.create(made, ready=False)
    until(lambda: sum(p.ready for p in shop.pods()) == count, _PATIENCE * count)
    before = _pods(shop)
    began = time.monotonic()
    shop.by_hand(workload, _TWICE)
    until(lambda: _have_it(shop, count), _PATIENCE * count, lambda: shop.podsize(workload))
    return time.monotonic() - began, len(before - _pods(shop))


_TWICE: Json = {"name": "app", "requests": {"cpu": "10m"}, "limits": {"cpu": "40m"}}


def _pods(shop: Shop) -> set[tuple[str, int]]:
    """The pods, and how often their containers were started."""
    return {
        (p.metadata.uid, c.restart_count)
        for p in shop.pods()
        for c in p.status.container_statuses or ()
    }


def _have_it(shop: Shop, count: int) -> bool:
    pods = shop.pods()
    given = [
        (c.resources.limits or {}).get("cpu")
        for p in pods
        if p.ready
        for c in p.status.container_statuses or ()
        if c.resources
    ]
    return len(pods) == count and given == ["40m"] * count
