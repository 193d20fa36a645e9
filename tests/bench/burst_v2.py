"""The load step of `burst` on the emulated node with cgroup v2, and how slow its emulation is.

With the installed chart, whose agent runs on that node, and by that node's own clock. Made only
where it is named: it needs `tests/cluster/up --node v2`, and the image on that node.
"""

import os
import time

from kube.gateway import connect
from tests.bench.installed import installed
from tests.bench.machine import ROOT
from tests.bench.results import Figure, Measured, median, rounded
from tests.bench.stage import fresh
from tests.cluster.layout import layout_of
from tests.cluster.vm import qemu
from tests.cluster.vm.kinds import KINDS
from tests.cluster.vm.machine import machine_of
from tests.e2e import observed
from tests.e2e.workloads import Shop
from tests.installed.release import Release
from tests.nodes.node import NodeV2
from tests.nodes.steps import LIMIT, Stepped, slowness, stepped

ROUNDS = 3
VALUES = ("agent.enabled=true",)
"""All else is as the chart has it."""


def measure() -> Measured:
    """Some five minutes."""
    machine = machine_of(layout_of(ROOT, os.environ), "v2")
    if not qemu.runs(machine):
        raise RuntimeError("the node v2 is not up: make bench-v2")
    gateway = connect()
    node = NodeV2(machine, gateway)
    slow = [slowness(node)]
    print(f"bench: a loop takes {slow[0]:.0f} times as long there", flush=True)
    with installed(gateway, *VALUES) as release, fresh(gateway) as name:
        shop = Shop(gateway, name)
        ones = [stepped(shop, node, release, f"web-{n}") for n in range(ROUNDS)]
        before, began = _agent(release, node), time.monotonic()
        steps = [_step(one) for one in ones]
        used = 100 * (_agent(release, node) - before) / (time.monotonic() - began)
        restarts = sum(observed.restarts(shop.pods(one.workload.name)) for one in ones)
    slow.append(slowness(node))
    return _measured(steps, slow, used, restarts)


def _step(one: Stepped) -> float:
    took = one.step()
    if took is None:
        raise TimeoutError(f"the quota stayed: {one.explained()}")
    print(f"bench: {took:.2f} s", flush=True)
    return took


def _agent(release: Release, node: NodeV2) -> float:
    """Seconds of CPU time that the node's agent has used."""
    pod = next(p for p in release.pods("agent") if p.spec.node_name == node.name)
    stat = dict(line.split() for line in node.container(pod, "cpu.stat").splitlines())
    return int(stat["usage_usec"]) / 1e6


def _measured(steps: list[float], slow: list[float], used: float, restarts: int) -> Measured:
    return Measured(
        figures=[
            Figure("load step to the bigger quota, median", round(median(steps), 2), "s"),
            Figure("longest", round(max(steps), 2), "s"),
            Figure("restarts", restarts, "", 0),
            Figure("a loop of the shell, against the same beside it", round(max(slow), 1), "times"),
            Figure("the agent's CPU on that node", round(used, 1), "% of an emulated core"),
        ],
        how={
            "rounds": ROUNDS,
            "workload": f"Deployments of 1, idle at {LIMIT}m, a busy loop from the step on",
            "node": f"emulated by QEMU, {KINDS['v2'].cpus} CPUs, cgroup v2, systemd",
            "clock": "the node's; looked at every 100 ms, and what a look takes",
            "values": VALUES,
        },
        samples={"quota": rounded(steps), "slowness": rounded(slow, 1)},
    )
