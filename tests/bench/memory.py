"""The memory of one webhook (master and worker) and one scaler with twenty pods enrolled.

Proportional set size: a page that several processes share is divided among them. Other Python
programs on this machine share the interpreter's file too, so the size without any sharing is
reported as well. The largest parts are the libraries, measured import by import.
"""

import time
from collections.abc import Mapping

from tests.bench import imports, tree
from tests.bench.results import Figure, Measured
from tests.bench.stage import Stage, staged
from tests.e2e.workloads import container, manifest, sized

MOST = 150.0
"""MB, all processes together."""

WORKLOADS, REPLICAS = 10, 2
_SETTLE = 130.0  # seconds: until two minutes of readings are in memory

Memory = Mapping[str, dict[str, float]]


def measure() -> Measured:
    """About three minutes."""
    with staged() as stage:
        for number in range(WORKLOADS):
            made = container(**sized("10m", "50m", "16Mi"))
            name = f"web-{number}"
            stage.shop.create(
                manifest("ReplicationController", name, replicas=REPLICAS, containers=[made])
            )
        print(f"bench: {WORKLOADS * REPLICAS} pods run for {_SETTLE:.0f} s", flush=True)
        time.sleep(_SETTLE)
        if not any(stage.logged("reading")):
            raise RuntimeError("the scaler reads no usage: what it holds would be too little")
        held = _held(stage)
    parts = imports.measured()
    return _measured(held, parts)


def _held(stage: Stage) -> Memory:
    processes = stage.programs.webhook.process, stage.programs.scaler.process
    assert processes[0] and processes[1]
    master, *workers = tree.pids(processes[0].pid)
    if len(workers) != 1:
        raise RuntimeError(f"the webhook has {len(workers)} workers")
    named = {"webhook master": master, "webhook worker": workers[0], "scaler": processes[1].pid}
    return {name: tree.memory(pid) for name, pid in named.items()}


def _measured(held: Memory, parts: Mapping[str, Mapping[str, float]]) -> Measured:
    pss = {name: one["Pss"] for name, one in held.items()}
    figures = [Figure(f"{name}, proportional", round(v, 1), "MB") for name, v in pss.items()]
    total = sum(pss.values())
    figures.append(Figure("all of them", round(total, 1), "MB", MOST))
    alone = sum(one["Rss"] for one in held.values())
    figures.append(Figure("all, if nothing were shared", round(alone, 1), "MB"))
    for program, steps in parts.items():
        largest = sorted(steps.items(), key=lambda step: -step[1])[:4]
        figures += [Figure(f"{program}: {n}", round(v, 1), "MB") for n, v in largest]
    return Measured(
        figures=figures,
        how={
            "workloads": WORKLOADS,
            "pods": WORKLOADS * REPLICAS,
            "after_s": _SETTLE,
            "parts": "resident size that each import adds, in a process of its own",
        },
        samples={"processes": held, "parts": parts},
    )
