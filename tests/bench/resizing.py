"""From a decision to the quota in the container's cgroup, in place, beside a bare PATCH.

One pod that serves requests all the while, and ends at once on SIGTERM: each change goes up or down
by a size by hand. The decision's instant is before anything is written (`clocked`), so the store's
write, the probe and the checks are in the figure. Bare: `PATCH pods/resize` of a pod of the same
kind that podtailor does not look after, in the same minutes. At the end another pod's memory limit
is lowered below what it has used all the while.
"""

import random
import time
from pathlib import Path

import msgspec

from kube.gateway import STRATEGIC_PATCH
from kube.objects import Pod
from store.model import Phase, Workload
from tests.bench import change
from tests.bench.results import Figure, Measured, median, rounded
from tests.bench.stage import Stage, staged
from tests.e2e import observed
from tests.e2e.hungry import program
from tests.e2e.test_resize import HOLDS
from tests.e2e.workloads import Json, manifest, sized, until
from tests.load.client import Load

ROUNDS = 50
MOST = 3.0
"""Times the bare PATCH."""

Seconds = dict[str, float]

_LIMITS = (400, 300)  # millicores, in turn
_PATIENCE = 30.0  # seconds for one change
_ASKED = {"podtailor.io/mode": "auto", "podtailor.io/strategy": "resize"}


def measure() -> Measured:
    """About three minutes."""
    with staged() as stage:
        shop = stage.shop
        workload = shop.create(manifest("ReplicationController", replicas=1, annotations=_ASKED))
        shop.create(manifest("ReplicationController", "bare", replicas=1, annotations={}))
        holds = [program(HOLDS, **sized("50m", "100m", "64Mi"))]
        used = shop.create(
            manifest("StatefulSet", "used", replicas=1, containers=holds, annotations=_ASKED)
        )
        until(lambda: shop.podsize(workload) is not None, 30)
        pod, bare = shop.pods()[0], shop.pods("bare")[0]
        load = Load(_status(stage, pod)["podIP"], 80, "/", clients=2, pause=0.01).start()
        began = time.time()
        quotas = _quota(stage, pod), _quota(stage, bare)
        ours, alone = [], []
        for number in range(ROUNDS):
            limit = _LIMITS[number % 2]
            ours.append(_change(stage, workload, quotas[0], limit))
            alone.append(_patched(stage, bare, quotas[1], limit))
        tally = load.stop()
        answered, failed = tally.between(began, time.time())
        killed, reason = _lowered(stage, used)
        after = shop.pods()
        podsize = shop.podsize(workload)
    restarts = observed.restarts(after)
    restarts += podsize.status.restarts.count if podsize else 0
    restarts += [p.metadata.uid for p in after] != [pod.metadata.uid]
    counts = {"answered": answered, "failed": failed, "restarts": restarts, "killed": killed}
    return _measured(ours, alone, counts, reason)


def _lowered(stage: Stage, workload: Workload) -> tuple[int, str]:
    """How many containers that killed, or pods it replaced, and the reason that is given."""
    before = stage.shop.pods("used")
    stage.shop.by_hand(workload, {"name": "app", **sized("50m", "100m", "4Mi")})

    def said() -> str:
        podsize = stage.shop.podsize(workload)
        status = podsize.status if podsize else None
        return f"{status.reason}: {status.message}" if status else ""

    until(lambda: said().startswith(("ResizeInfeasible", "RolledBack")), 120, said)
    after = stage.shop.pods("used")
    gone = len({p.metadata.uid for p in before} - {p.metadata.uid for p in after})
    return observed.restarts(after) + gone, said()


def _change(stage: Stage, workload: Workload, quota: Path, limit: int) -> Seconds:
    """Set a size by hand; seconds from the decision to each of its steps, the quota the last."""
    time.sleep(random.uniform(0.5, 1.0))
    path = stage.shop.podsize_path(workload)
    stage.gateway.patch(path, {"spec": {"containers": [{"name": "app", **_sized(limit)}]}})
    at = _changed(quota, limit)
    until(lambda: _settled(stage, workload), _PATIENCE)
    podsize = stage.shop.podsize(workload)
    assert podsize and podsize.status.size
    revision = podsize.status.size.revision
    decided = next(r["at"] for r in stage.logged("decided") if r["revision"] == revision)
    written, resized = (change.done(stage, revision, action)[0] for action in ("Write", "Resize"))
    return {"quota": at - decided, "written": written - decided, "resized": resized - decided}


def _patched(stage: Stage, pod: Pod, quota: Path, limit: int) -> float:
    """Resize a pod as anybody would; seconds until the quota is another."""
    body = {"spec": {"containers": [{"name": "app", "resources": _sized(limit)}]}}
    path = f"/api/v1/namespaces/{stage.shop.namespace}/pods/{pod.metadata.name}/resize"
    time.sleep(random.uniform(0.5, 1.0))
    began = time.time()
    stage.gateway.patch(path, body, STRATEGIC_PATCH)
    return _changed(quota, limit) - began


def _sized(limit: int) -> Json:
    return {"requests": {"cpu": f"{limit // 2}m"}, "limits": {"cpu": f"{limit}m"}}


def _settled(stage: Stage, workload: Workload) -> bool:
    podsize = stage.shop.podsize(workload)
    return podsize is not None and podsize.status.phase is Phase.SETTLED


def _status(stage: Stage, pod: Pod) -> Json:
    path = f"/api/v1/namespaces/{stage.shop.namespace}/pods/{pod.metadata.name}"
    status: Json = msgspec.json.decode(stage.gateway.get(path))["status"]
    return status


def _quota(stage: Stage, pod: Pod) -> Path:
    """The file with the quota of the pod's container: of cgroup v1, else of v2."""
    container = _status(stage, pod)["containerStatuses"][0]["containerID"].rpartition("/")[2]
    for root, name in (("cpu", "cpu.cfs_quota_us"), ("", "cpu.max")):
        folders = (Path("/sys/fs/cgroup") / root).rglob(f"*{container}*")
        if found := [f / name for f in folders if (f / name).exists()]:
            return found[0]
    raise FileNotFoundError(f"no cgroup of container {container}")


def _changed(quota: Path, limit: int) -> float:
    """When the quota became that of `limit` millicores."""
    wanted, deadline = str(limit * 100), time.time() + _PATIENCE
    while time.time() < deadline:
        if quota.read_text().split()[0] == wanted:
            return time.time()
        time.sleep(0.001)
    raise TimeoutError(f"{quota} is {quota.read_text().strip()}, not {wanted}")


def _measured(
    ours: list[Seconds], alone: list[float], counts: dict[str, int], reason: str
) -> Measured:
    of = {name: [one[name] for one in ours] for name in ours[0]}
    bare, quota = median(alone), median(of["quota"])
    return Measured(
        figures=[
            Figure("bare: PATCH to the cgroup's quota, median", round(bare, 3), "s"),
            Figure("decision to the quota", round(quota, 3), "s", round(MOST * bare, 3)),
            Figure("that as a multiple of the bare one", round(quota / bare, 2), "", MOST),
            Figure("longest decision to the quota", round(max(of["quota"]), 3), "s"),
            Figure("decision until the store is written", round(median(of["written"]), 3), "s"),
            Figure("decision until the PATCH is answered", round(median(of["resized"]), 3), "s"),
            Figure("requests answered meanwhile", counts["answered"], ""),
            Figure("requests failed", counts["failed"], "", 0),
            Figure("restarts, and pods replaced", counts["restarts"], "", 0),
            Figure("killed by a memory limit lowered below use", counts["killed"], "", 0),
        ],
        how={
            "rounds": ROUNDS,
            "workload": "ReplicationController of 1 that ends at once on SIGTERM, under load",
            "decision": "a size by hand; its instant is before anything is written",
            "statistic": "median",
            "memory lowered below use": reason,
        },
        samples={**{k: rounded(v) for k, v in of.items()}, "bare": rounded(alone)},
    )
