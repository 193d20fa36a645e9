"""From a load step to the bigger quota in the container's cgroup, with the node agent, in place.

One pod, idle at 250m/500m, becomes a busy loop at the step; a process beside it looks at the quota
every 2 ms. Then it is set back by hand, and handed back to its policy. Where the time goes: until
the scaler decides (half a second of that is the rule: five samples of 100 ms at the limit), until
the store is written, until the kubelet is asked. False alarms: bursts of less than 0.3 s, which
must change nothing.
"""

import random
import tempfile
import time
from pathlib import Path

from kube.objects import Pod
from store.model import Workload
from tests.bench import change
from tests.bench.results import Figure, Measured, median, rounded
from tests.bench.stage import Stage, staged
from tests.e2e import bursting, observed
from tests.e2e.bursting import BURST, Load, obedient
from tests.e2e.programs import free_port
from tests.e2e.workloads import Json, manifest, until

ROUNDS = 50
BURSTS = 20
MEDIAN, MOST = 0.5, 1.0
THESIS = 7.238
"""Seconds that the thesis's system needed for the same step, by deleting the pod."""

Seconds = dict[str, float]

_PATIENCE = 30.0


def measure() -> Measured:
    """About four minutes."""
    port = free_port()
    more = {**bursting.settings(port), "POLICY_BURST_PERTENMINUTES": "100"}
    with (
        tempfile.TemporaryDirectory() as folder,
        staged(**more) as stage,
        bursting.secrets(stage.gateway),
    ):
        agent = bursting.agent(stage.gateway, Path(folder), port)
        agent.start()
        try:
            made = manifest("Deployment", replicas=1, containers=[obedient()], annotations=BURST)
            workload = stage.shop.create(made)
            until(lambda: stage.shop.podsize(workload) is not None, 30)
            pod = stage.shop.pods()[0]
            time.sleep(3.0)
            false = _false_alarms(Load(pod))
            steps = _steps(stage, workload, pod)
            restarts = observed.restarts(stage.shop.pods())
        finally:
            agent.stop()
    return _measured(steps, false, restarts)


def _false_alarms(load: Load) -> int:
    """Of twenty bursts, after how many the quota is another."""
    found = 0
    for _ in range(BURSTS):
        load.begin()
        time.sleep(random.uniform(0.1, 0.29))
        load.end()
        found += load.raised(1000, 1.2) is not None
    return found


def _steps(stage: Stage, workload: Workload, pod: Pod) -> list[Seconds]:
    """One that the minute's rule decided by the step before is no load step: it is made again."""
    found: list[Seconds] = []
    for _ in range(2 * ROUNDS):
        step = _step(stage, workload, pod)
        found += [step] if step["decided"] > 0 else []
        if len(found) == ROUNDS:
            return found
    raise TimeoutError(f"only {len(found)} of {2 * ROUNDS} load steps were for a burst")


def _step(stage: Stage, workload: Workload, pod: Pod) -> Seconds:
    """One load step; seconds from it to each of what follows, the quota the last."""
    load = Load(pod)
    time.sleep(random.uniform(1.0, 1.6))
    began = load.begin()
    at = load.raised(1000, _PATIENCE)
    load.end()
    if at is None:
        raise TimeoutError(f"the quota stayed: {stage.shop.podsize(workload)}")
    podsize = stage.shop.podsize(workload)
    assert podsize and podsize.status.size
    revision = podsize.status.size.revision
    decided = next(r["at"] for r in stage.logged("decided") if r["revision"] == revision)
    until(lambda: len(change.done(stage, revision, "Resize")) > 0, 10)
    written, resized = (change.done(stage, revision, a)[0] for a in ("Write", "Resize"))
    _set_back(stage, workload, load)
    times = {"decided": decided, "written": written, "resized": resized, "quota": at}
    return {name: when - began for name, when in times.items()}


def _set_back(stage: Stage, workload: Workload, load: Load) -> None:
    path = stage.shop.podsize_path(workload)
    size: Json = {"requests": {"cpu": "250m"}, "limits": {"cpu": "500m"}}
    stage.gateway.patch(path, {"spec": {"containers": [{"name": "app", **size}]}})
    if load.raised(500, _PATIENCE) is None:
        raise TimeoutError("the quota was not set back")
    stage.gateway.patch(path, {"spec": {"containers": []}})


def _measured(steps: list[Seconds], false: int, restarts: int) -> Measured:
    of = {name: [one[name] for one in steps] for name in steps[0]}
    quota = of["quota"]
    return Measured(
        figures=[
            Figure("load step to the bigger quota, median", round(median(quota), 3), "s", MEDIAN),
            Figure("longest", round(max(quota), 3), "s", MOST),
            Figure("the thesis's system, for the same step", THESIS, "s"),
            Figure("step until the scaler decides", round(median(of["decided"]), 3), "s"),
            Figure("step until the store is written", round(median(of["written"]), 3), "s"),
            Figure("step until the PATCH is answered", round(median(of["resized"]), 3), "s"),
            Figure("restarts", restarts, "", 0),
            Figure(f"changes after {BURSTS} bursts of less than 0.3 s", false, "", 0),
        ],
        how={
            "rounds": ROUNDS,
            "workload": "Deployment of 1, 250m/500m, a busy loop from the step on",
            "rule": "five samples of 100 ms in a row at 90 % of the quota",
            "statistic": "median",
        },
        samples={k: rounded(v) for k, v in of.items()},
    )
