"""From a decision to the replacement's readiness, beside a bare eviction in the same minutes.

The decision is a size by hand, so that the figure contains only the change itself. It starts when
the scaler's pure core has answered, before anything is written (`clocked`). Bare: the eviction of
the same kind of pod where no webhook is called, until its replacement is Ready.
"""

import random
import time
from datetime import datetime

from kube.gateway import Gateway
from store.model import Phase, Workload
from tests.bench.arrivals import Arrivals
from tests.bench.results import Figure, Measured, median, rounded
from tests.bench.stage import Stage, staged
from tests.e2e.programs import RELEASE_NAMESPACE
from tests.e2e.workloads import Shop, manifest, until

ROUNDS = 20
MOST = 1.5
"""Times the bare eviction."""

_BARE = "podtailor-bench"
_LIMITS = (220, 240)  # millicores, in turn
_PATIENCE = 120.0  # seconds for one change

Seconds = dict[str, float]


def measure() -> Measured:
    """About four minutes."""
    unbounded = {f"SCALER_RESTARTS_{name}": "10000" for name in ("PERHOUR", "CLUSTERPERHOUR")}
    with staged(**unbounded) as stage:
        workload = stage.shop.create(manifest("ReplicationController"))
        until(lambda: stage.shop.podsize(workload) is not None, 30)
        outside = Shop(stage.gateway, RELEASE_NAMESPACE)
        bare = outside.create(manifest("ReplicationController", _BARE, annotations={}))
        watched = Arrivals(stage.gateway, stage.shop.namespace)
        untouched = Arrivals(stage.gateway, RELEASE_NAMESPACE)
        changes, evictions = [], []
        try:
            for number in range(ROUNDS):
                changes.append(_change(stage, workload, watched, _LIMITS[number % 2]))
                evictions.append(_evicted(stage.gateway, untouched))
        finally:
            _remove(outside, bare)
            watched.stop()
            untouched.stop()
    return _measured(changes, evictions)


def _change(stage: Stage, workload: Workload, watched: Arrivals, limit: int) -> Seconds:
    """Set one size by hand and wait until both pods have it and the status says so; its steps."""
    known = watched.of(workload.name).keys()
    hand = {"name": "app", "requests": {"cpu": f"{limit // 2}m"}, "limits": {"cpu": f"{limit}m"}}
    time.sleep(random.uniform(1, 2))
    edit = time.time()
    stage.gateway.patch(stage.shop.podsize_path(workload), {"spec": {"containers": [hand]}})

    def ready() -> list[float]:
        pods = watched.of(workload.name).items()
        return sorted(p.ready for n, p in pods if p.ready and n not in known and p.limit == limit)

    until(lambda: len(ready()) == 2 and _settled(stage, workload), _PATIENCE)
    podsize = stage.shop.podsize(workload)
    assert podsize and podsize.status.size
    revision = podsize.status.size.revision
    decided = next(r["at"] for r in stage.logged("decided") if r["revision"] == revision)
    written, evicted = (done(stage, revision, action) for action in ("Write", "Evict"))
    first, second = ready()
    return {
        "edit": first - edit,
        "decision": first - decided,
        "decision_written": written[0] - decided,
        "written_evicted": evicted[0] - written[0],
        "evicted_ready": first - evicted[0],
        "ready_next_evicted": evicted[1] - first,
        "ready_next_ready": second - first,
    }


def done(stage: Stage, revision: int, action: str) -> list[float]:
    """When the scaler logged that it had carried out such an action for a revision."""
    return [
        datetime.fromisoformat(r["time"]).timestamp()
        for r in stage.logged("action")
        if (r.get("revision"), r["action"], r["done"]) == (revision, action, True)
    ]


def _settled(stage: Stage, workload: Workload) -> bool:
    podsize = stage.shop.podsize(workload)
    return podsize is not None and podsize.status.phase is Phase.SETTLED


def _evicted(gateway: Gateway, untouched: Arrivals) -> float:
    """Evict one pod; seconds until its replacement is Ready."""
    pods = untouched.of(_BARE)
    victim = next(name for name, pod in pods.items() if not pod.leaving)
    path = f"/api/v1/namespaces/{RELEASE_NAMESPACE}/pods/{victim}/eviction"
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": victim}}
    time.sleep(random.uniform(1, 2))
    began = time.time()
    gateway.post(path, body)

    def ready() -> list[float]:
        return [p.ready for n, p in untouched.of(_BARE).items() if p.ready and n not in pods]

    until(lambda: bool(ready()), _PATIENCE)
    return ready()[0] - began


def _remove(shop: Shop, workload: Workload) -> None:
    path = f"/api/v1/namespaces/{shop.namespace}/replicationcontrollers/{workload.name}"
    shop.gateway.delete(path, {"propagationPolicy": "Background"})


def _measured(changes: list[Seconds], evictions: list[float]) -> Measured:
    of = {name: [change[name] for change in changes] for name in changes[0]}
    bare, ours = median(evictions), median(of["decision"])

    def figure(what: str, name: str) -> Figure:
        return Figure(what, round(median(of[name]), 3), "s")

    return Measured(
        figures=[
            Figure("bare: eviction to Ready, median", round(bare, 3), "s"),
            Figure(
                "decision to Ready with the new limit", round(ours, 3), "s", round(MOST * bare, 3)
            ),
            Figure("that as a multiple of the bare one", round(ours / bare, 2), "", MOST),
            figure("of it, until the store is written", "decision_written"),
            figure("of it, from there until the eviction", "written_evicted"),
            figure("of it, from there until Ready", "evicted_ready"),
            figure("edit of the PodSize to Ready", "edit"),
            figure("Ready to the next pod's eviction", "ready_next_evicted"),
            figure("Ready to the next pod's readiness", "ready_next_ready"),
        ],
        how={
            "rounds": ROUNDS,
            "workload": "ReplicationController of 2, readiness period 1 s, no grace period",
            "by": "eviction",
            "decision": "a size by hand; its instant is before anything is written",
            "statistic": "median",
        },
        samples={**{k: rounded(v) for k, v in of.items()}, "bare": rounded(evictions)},
    )
