"""From a load step to the decision, by the one-minute rule and the real kubelet's samples.

The sampling interval is measured from the timestamps of the samples that the scaler gets: a kubelet
that samples on request has the scaler's interval, any other its own.

Workloads of one pod each are idle until their first two minutes are over, and are then saturated
one after the other. The time of a step is taken before the command is sent, so the time that the
command needs to reach the container (up to a second) counts against us.
"""

import random
import time
from collections import defaultdict
from itertools import pairwise

from scaler.settings import Settings
from store.model import Workload
from tests.bench.results import Figure, Measured, median, rounded
from tests.bench.stage import Stage, staged
from tests.e2e.workloads import container, manifest, sized, until

TIMES = 10
AT_ONCE = 5
MEDIAN, LARGEST = 75.0, 90.0
"""Seconds that are required."""

_IDLE = 130.0  # seconds: the first minute, which does not count, and the minute that is averaged
_APART = (2.0, 6.0)  # seconds between two steps, random so that no sampling phase is favoured
_PATIENCE = 180.0


def measure() -> Measured:
    """About six minutes."""
    interval = Settings().interval
    with staged(SCALER_INTERVAL=str(interval)) as stage:
        workloads = [_created(stage, f"web-{number}") for number in range(TIMES)]
        print(f"bench: {TIMES} pods are idle for {_IDLE:.0f} s", flush=True)
        time.sleep(_IDLE)
        if any(stage.logged("decided")):
            raise RuntimeError("something was decided before there was any load")
        took: list[float] = []
        for begin in range(0, TIMES, AT_ONCE):
            took += _stepped(stage, workloads[begin : begin + AT_ONCE])
        readings = list(stage.logged("reading"))
        space = stage.shop.namespace
    by_pod: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for r in readings:
        if r["container_of"].startswith(space + "/"):
            by_pod[r["container_of"]].append((r["sampled"], r["received"]))
    return _measured(took, list(by_pod.values()), interval)


def _created(stage: Stage, name: str) -> Workload:
    made = container(**sized("50m", "100m", "16Mi"))
    return stage.shop.create(manifest("ReplicationController", name, replicas=1, containers=[made]))


def _stepped(stage: Stage, workloads: list[Workload]) -> list[float]:
    """Saturate them one after the other; the seconds until each decision."""
    steps: dict[str, float] = {}
    for workload in workloads:
        time.sleep(random.uniform(*_APART))
        steps[str(workload)] = time.time()
        stage.shop.load(workload.name)

    def decided() -> dict[str, float]:
        return {r["workload"]: r["at"] for r in reversed([*stage.logged("decided")])}

    until(lambda: steps.keys() <= decided().keys(), _PATIENCE, lambda: _said(stage, workloads))
    for workload in workloads:
        for pod in stage.shop.pods(workload.name):
            stage.shop.exec(pod, "rm", "-f", "/tmp/load")
    return [decided()[name] - began for name, began in steps.items()]


def _said(stage: Stage, workloads: list[Workload]) -> list[str]:
    """The status of each, where the scaler explains itself."""
    found = [stage.shop.podsize(workload) for workload in workloads]
    return [f"{p.name}: {p.status.reason}: {p.status.message}" for p in found if p]


def _measured(
    took: list[float], by_pod: list[list[tuple[float, float]]], interval: int
) -> Measured:
    apart = [b[0] - a[0] for seen in by_pod for a, b in pairwise(seen)]
    old = [received - sampled for seen in by_pod for sampled, received in seen]
    return Measured(
        figures=[
            Figure("load step to decision, median", round(median(took), 1), "s", MEDIAN),
            Figure("load step to decision, longest", round(max(took), 1), "s", LARGEST),
            Figure("kubelet's samples apart, median", round(median(apart), 1), "s"),
            Figure("kubelet's samples apart, longest", round(max(apart), 1), "s"),
            Figure("a sample's age when the scaler has it, median", round(median(old), 1), "s"),
        ],
        how={
            "times": len(took),
            "limit": "100m",
            "threshold": "one-minute mean of 90 %",
            "scaler_interval_s": interval,
            "kubelet_sampling_s": round(median(apart), 1),
            "pods_idle_before_s": _IDLE,
        },
        samples={"took": rounded(took, 1), "samples_apart": rounded(sorted(apart), 1)},
    )
