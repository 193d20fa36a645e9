"""The three kinds of node: this machine's, one with cgroup v2, an emulated Raspberry Pi.

What a container's kernel counts is read from its cgroup, on each node in its own way.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent import counters, tree
from kube.gateway import Gateway
from kube.objects import Pod
from kube.pods import container_id
from store.annotations import NODE_CLASS
from tests.cluster.architecture import NATIVE
from tests.cluster.layout import layout_of
from tests.cluster.vm import qemu
from tests.cluster.vm.kinds import KINDS
from tests.cluster.vm.machine import machine_of
from tests.nodes.node import NodeV2

ROOT = Path(__file__).parents[3]
HOST = "node-1"
CONTAINER = "nginx"
_NEXT = "--"


@dataclass(frozen=True)
class Reading:
    """A container's counters, at a moment of its own node's clock, in seconds."""

    at: float
    counted: counters.Counters


@dataclass(frozen=True)
class Used:
    """Of a container between two readings: millicores, and the share of throttled periods."""

    cpu: float
    throttled: float


def used(before: Reading, after: Reading) -> Used:
    """Periods in which nothing wanted to run are not counted by any kernel."""
    a, b = before.counted, after.counted
    periods = b.periods - a.periods
    share = (b.throttled - a.throttled) / periods if periods else 0.0
    return Used((b.cpu - a.cpu) / 1e3 / (after.at - before.at), share)


def machines(gateway: Gateway) -> Mapping[str, NodeV2]:
    """Those in virtual machines that are up, by name."""
    layout = layout_of(ROOT, os.environ)
    found = {name: machine_of(layout, name) for name in KINDS}
    return {name: NodeV2(one, gateway) for name, one in found.items() if qemu.runs(one)}


def name_kinds(gateway: Gateway, machines: Mapping[str, NodeV2]) -> None:
    """`v2` has this machine's architecture: only a label says that it is another kind."""
    for name in machines:
        if KINDS[name].architecture == NATIVE:
            gateway.patch(f"/api/v1/nodes/{name}", {"metadata": {"labels": {NODE_CLASS: name}}})


def read(machines: Mapping[str, NodeV2], pods: Sequence[Pod]) -> dict[str, Reading]:
    """Of each pod's only container, by the pod's name; one look at each machine takes seconds."""
    found: dict[str, Reading] = {}
    for node in sorted({pod.spec.node_name or "" for pod in pods}):
        there = [pod for pod in pods if pod.spec.node_name == node]
        machine = machines.get(node)
        found |= _inside(machine, there) if machine else {p.metadata.name: _here(p) for p in there}
    return found


def _inside(machine: NodeV2, pods: Sequence[Pod]) -> dict[str, Reading]:
    folders = [machine.folder(pod) for pod in pods]
    looks = [f"cat /proc/uptime {folder}/cpu.max {folder}/cpu.stat" for folder in folders]
    parts = machine.run(f"; echo {_NEXT}; ".join(looks)).split(f"{_NEXT}\n")
    return {pod.metadata.name: parsed(part) for pod, part in zip(pods, parts, strict=True)}


def parsed(text: str) -> Reading:
    """Of /proc/uptime, cpu.max and cpu.stat, one after the other."""
    uptime, most, *stat = text.splitlines()
    counted = counters.v2("\n".join(stat).encode(), most.encode())
    assert counted is not None, text
    return Reading(float(uptime.split()[0]), counted)


def _here(pod: Pod) -> Reading:
    mount = tree.mounted(Path("/sys/fs/cgroup"))
    container = container_id(pod, CONTAINER) or ""
    inside = tree.found(mount, {container: pod.metadata.uid})[container]
    cpu, account = mount.cpu / inside.lstrip("/"), mount.account / inside.lstrip("/")
    if mount.v2:
        found = counters.v2((cpu / "cpu.stat").read_bytes(), (cpu / "cpu.max").read_bytes())
    else:
        files = (account / "cpuacct.usage", cpu / "cpu.stat", cpu / "cpu.cfs_quota_us")
        texts = [file.read_bytes() for file in (*files, cpu / "cpu.cfs_period_us")]
        found = counters.v1(*texts)
    assert found is not None
    return Reading(time.time(), found)
