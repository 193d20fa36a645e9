"""A large cluster of kwok's nodes: what the scaler costs at rest and in a storm, and VPA beside.

Each size is built once: first our programs run on it, then, alone, VPA's three with the real
metrics-server. PODS (the sizes) and IDLE (seconds at rest) are taken from the environment.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kube.gateway import connect
from tests.bench import machine
from tests.bench.results import Figure, Measured
from tests.bench.scale import picture, storm, vpa
from tests.bench.scale.ground import PODS_A_NODE, REPLICAS, Ground, laid
from tests.bench.scale.ours import SCALER, WEBHOOK, Ours, ours
from tests.bench.scale.storm import Seen

SIZES = "1000 3000 10000"
IDLE = 600.0
DUE = 200
CPU, RESIDENT, START, SPREAD = 4.0, 180.0, 5.0, 2.0
"""Percent of a core and MB at rest; seconds to the first decision, and from it to the last."""
_SLACK = 0.5
"""Seconds by which the first of many pods may be taken later than the only one."""
_QUIET = 130.0
"""Seconds without a write until it is at rest: a container's first minute is known after two."""
_AGAIN = 40.0

Result = dict[str, Any]


def measure() -> Measured:
    """An hour and a half with ten minutes at rest; the sizes that are whole are reported."""
    pods = [int(text) for text in os.environ.get("PODS", SIZES).split()]
    idle = float(os.environ.get("IDLE", IDLE))
    found: dict[int, Result] = {}
    for count in pods:
        print(f"bench: {count} pods, load average {machine.load():.1f}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            found[count] = _size(count // REPLICAS, idle, Path(folder))
        print(f"bench: {count} pods: {found[count]}", flush=True)
    picture.written(found)
    how = {
        "pods": pods,
        "pods_a_node": PODS_A_NODE,
        "replicas": REPLICAS,
        "idle_s": idle,
        "usage": "60 % of each limit; kubelets of the stand-in, 18 kB of cAdvisor's page a pod",
        "cluster": "API server 1.37 and kwok on the same cores",
        "vpa": "1.8.1, updateMode Recreate, its three programs; metrics-server beside, not counted",
        "writes": "from the audit log, dry runs and reviews of rights left out",
    }
    return Measured(_figures(found), how, {str(count): one for count, one in found.items()})


def _size(workloads: int, idle: float, folder: Path) -> Result:
    result: Result = {"load_before": round(machine.load(), 1)}
    with ExitStack() as stack:
        ground = stack.enter_context(laid(connect(), workloads, folder))
        with ours(ground, folder) as own:
            result["ours"] = _of_ours(own, ground, idle)
        print(f"bench: {ground.workloads * REPLICAS} pods, ours: {result['ours']}", flush=True)
        result["vpa"] = _of_vpa(ground, idle, folder)
    return {**result, "load_after": round(machine.load(), 1)}


def _of_ours(own: Ours, ground: Ground, idle: float) -> Result:
    many = min(DUE, ground.workloads // 2)
    result: Result = {"start": own.begun()}
    own.quiet(_QUIET, 600)
    result["idle"] = _told(storm.seen(own.watch, storm.rest(idle)))
    result["start"]["again"] = own.again()
    own.quiet(_AGAIN, 600)
    result["one_due"] = own.due(ground.workloads - 2, ground.workloads - 1)
    result["many"] = many
    result["many_due"] = _told(
        storm.seen(own.watch, lambda: result.update(spread=own.due(0, many)))
    )
    result["restarts"] = _told(storm.seen(own.watch, lambda: storm.restarts(ground)))
    result["node_lost"] = _told(storm.seen(own.watch, lambda: storm.lost(ground)))
    return result


def _of_vpa(ground: Ground, idle: float, folder: Path) -> Result:
    with vpa.peers(ground, folder) as peers:
        result: Result = {"idle": _told(storm.seen(peers.watch, storm.rest(idle)))}
        result["restarts"] = _told(storm.seen(peers.watch, lambda: storm.restarts(ground)))
    return result


def _told(seen: Seen) -> Result:
    """As JSON, for the record."""
    cost = {
        n: {"share": c.share, "resident": c.resident, "cpu_s": c.cpu_seconds}
        for n, c in seen.cost.items()
    }
    return {
        "cost": cost,
        "writes": dict(seen.writes),
        "beside_leases": seen.beside_leases,
        "seconds": seen.seconds,
    }


def _figures(found: Mapping[int, Result]) -> list[Figure]:
    out: list[Figure] = []
    largest = max(found)
    for count, one in found.items():
        own, peer = one["ours"], one["vpa"]["idle"]["cost"]
        idle, last = own["idle"], count == largest
        share = sum(c["share"] for c in peer.values())
        held = sum(c["resident"] for c in peer.values())
        spread, single = own["spread"], own["one_due"]["first_taken_s"]
        rows = [
            ("scaler at rest", idle["cost"][SCALER]["share"], "% of a core", CPU),
            ("scaler, resident", idle["cost"][SCALER]["resident"], "MB", RESIDENT),
            ("webhook at rest", idle["cost"][WEBHOOK]["share"], "% of a core", None),
            ("writes at rest beside the Lease's", idle["beside_leases"], "", 0.0),
            ("VPA's three at rest", round(share, 2), "% of a core", None),
            ("VPA's three, resident", round(held, 1), "MB", None),
            ("VPA's writes at rest", one["vpa"]["idle"]["beside_leases"], "", None),
            ("restart to the first decision", round(own["start"]["again"], 2), "s", START),
            (f"{own['many']} due: last decision", spread["decided_within_s"], "s", SPREAD),
            (f"{own['many']} due: first pod", spread["first_taken_s"], "s", single + _SLACK),
            ("one due: its pod", single, "s", None),
        ]
        for name in ("restarts", "node_lost"):
            what, seen = name.replace("_", " "), own[name]
            rows.append((f"{what}: scaler", seen["cost"][SCALER]["cpu_s"], "s CPU", None))
            rows.append((f"{what}: writes", seen["beside_leases"], "", None))
            rows.append((f"{what}: until all is Ready", seen["seconds"], "s", None))
        out += [Figure(f"{count} pods, {w}", v, u, m if last else None) for w, v, u, m in rows]
    return out
