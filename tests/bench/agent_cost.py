"""What the node agent costs, with 110 pods of two containers on its node, of which 20 count.

The pods are real ones that sleep, so that the kubelet of the same node, in which cAdvisor reads the
same cgroups, can be measured in the same minute. The agent is a process of its own, connected over
TLS to a listener in this process.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from kube.gateway import connect
from kube.pods import container_id
from link.messages import Counted
from scaler.agents.counting import Counting
from tests.bench.machine import ROOT
from tests.bench.results import Figure, Measured
from tests.bench.stage import fresh
from tests.cluster import servers
from tests.cluster.layout import layout_of
from tests.e2e.hungry import program
from tests.e2e.workloads import Shop, manifest, until
from tests.unit.scaler.agents.conversation import NAME, Conversation
from tests.unit.scaler.agents.conversation import until as reported

PODS, COUNTED = 110, 20
NAMES = ("one", "other")
"""The containers of each pod."""
SECONDS, SETTLED = 60.0, 30.0
"""Of the measurement, and before it, after the last pod is Ready."""
CPU, MEMORY = 1.0, 30.0
"""Percent of a core, and MiB."""
_AT_ONCE = 10
_PATIENCE = 180.0
"""Seconds until so many more pods are Ready."""


@dataclass(frozen=True)
class Cost:
    """Of a process: percent of a core, and MiB that are resident."""

    cpu: float
    memory: float


def measure() -> Measured:
    """Some five minutes, most of them for the pods."""
    gateway = connect()
    with fresh(gateway) as name, ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory()))
        listed = _containers(Shop(gateway, name))
        talk = Conversation(folder)
        undo.callback(talk.end)
        talk.reports.count(Counting({"bench": listed[:COUNTED]}))
        agent = _started(talk)
        undo.callback(agent.wait)
        undo.callback(agent.terminate)
        reported(lambda: talk.listener.nodes == ["bench"], 20)
        time.sleep(SETTLED)
        ours, kubelet = _costs(agent.pid, _kubelet())
        reported(lambda: talk.reports.known() == COUNTED, 20)
    return _measured(ours, kubelet)


def _measured(ours: Cost, kubelet: Cost) -> Measured:
    beside = "the kubelet with cAdvisor, same node, same minute"
    return Measured(
        figures=[
            Figure("CPU, 220 containers of which 20 count", round(ours.cpu, 2), "% of a core", CPU),
            Figure("memory, resident", round(ours.memory, 1), "MiB", MEMORY),
            Figure(f"{beside}: CPU", round(kubelet.cpu, 2), "% of a core"),
            Figure(f"{beside}: memory", round(kubelet.memory, 1), "MiB"),
        ],
        how={
            "seconds": SECONDS,
            "pods": PODS,
            "containers": PODS * len(NAMES),
            "count": COUNTED,
            "containers are": "asleep, without probes",
        },
    )


def _containers(shop: Shop) -> list[Counted]:
    """Of all pods, which are Ready then."""
    sleeping = [program("exec /bin/busybox sleep 100000", name) for name in NAMES]
    made = manifest("Deployment", replicas=0, containers=sleeping, annotations={})
    workload = shop.create(made)
    for count in range(_AT_ONCE, PODS + 1, _AT_ONCE):
        shop.patch(workload, {"spec": {"replicas": count}})
        until(lambda: sum(p.ready for p in shop.pods()) == count, _PATIENCE)  # noqa: B023
    pods = shop.pods()
    return [Counted(container_id(p, n) or "", p.metadata.uid) for p in pods for n in NAMES]


def _started(talk: Conversation) -> subprocess.Popen[bytes]:
    settings = {
        "NODE": "bench",
        "SCALER": NAME,
        "ADDRESS": "127.0.0.1",
        "PORT": str(talk.port),
        "CERT_DIR": str(talk.certificates()),
    }
    named = {f"PODTAILOR_AGENT_{name}": value for name, value in settings.items()}
    return subprocess.Popen([sys.executable, "-m", "agent"], env={**os.environ, **named})


def _kubelet() -> int:
    """The process of the first node's."""
    layout = layout_of(ROOT, os.environ)
    record = servers.running(layout, servers.named(layout, "kubelet"))
    if record is None:
        raise RuntimeError("no kubelet of the embedded cluster runs")
    return record.pid


def _costs(*pids: int) -> list[Cost]:
    before, began = [_cpu(pid) for pid in pids], time.monotonic()
    time.sleep(SECONDS)
    took = time.monotonic() - began
    used = [_cpu(pid) - was for pid, was in zip(pids, before, strict=True)]
    pairs = zip(used, pids, strict=True)
    return [Cost(100 * seconds / took, _resident(pid)) for seconds, pid in pairs]


def _cpu(pid: int) -> float:
    """Seconds of CPU time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
