"""Load steps on the node `v2`, by its own clock: each look from outside takes a second and more."""

import subprocess
import time
from dataclasses import dataclass

from store.model import Workload
from tests.e2e.bursting import BURST, obedient
from tests.e2e.test_resize import said
from tests.e2e.workloads import Json, Shop, manifest, until
from tests.installed.release import Release
from tests.nodes.node import NodeV2
from tests.nodes.workloads import ON_V2

LIMIT = 500
"""Millicores."""
PATIENCE = 120
"""Seconds for anything on an emulated node beside other work."""
_CALM = 5.0
_LOOKS = 400
"""At most, 100 ms apart and more."""
_STEP = """
cd {folder}
pid=$(sort -n cgroup.procs | head -n 1)
read began _ </proc/uptime
kill -USR1 $pid
looks=0
until read quota _ <cpu.max; [ $quota = {quota} ] || [ $looks = {looks} ]; do
  looks=$((looks+1)); sleep 0.1
done
read ended _ </proc/uptime
kill -USR2 $pid
echo $began $ended $quota
"""
_LOOP = """
read began _ </proc/uptime
i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done
read ended _ </proc/uptime
echo $began $ended
"""


@dataclass(frozen=True)
class Stepped:
    """A pod on the node that is idle at LIMIT, with the node agent beside it."""

    shop: Shop
    node: NodeV2
    workload: Workload

    def step(self) -> float | None:
        """Seconds from a load step to twice the quota, which is looked at every 100 ms.

        None: it did not come.
        """
        folder = self.node.folder(self.shop.pods(self.workload.name)[0])
        wanted = str(2 * LIMIT * 100)
        script = _STEP.format(folder=folder, quota=wanted, looks=_LOOKS)
        began, ended, quota = self.node.run(script).split()
        return float(ended) - float(began) if quota == wanted else None

    def explained(self) -> object:
        """What the scaler says of it."""
        return said(self.shop, self.workload)


def stepped(shop: Shop, node: NodeV2, release: Release, name: str = "web") -> Stepped:
    """Once the node's agent knows that it counts."""
    until(lambda: release.ready("agent", 2), PATIENCE)
    containers = [obedient(limit=f"{LIMIT}m")]
    spec: Json = {"containers": containers, "annotations": BURST, "pod": ON_V2}
    body = manifest("Deployment", name, replicas=1, **spec)
    made = Stepped(shop, node, shop.create(body))
    until(lambda: shop.podsize(made.workload) is not None, PATIENCE)
    time.sleep(_CALM)  # nothing says that an agent has found a container's cgroup
    return made


def slowness(node: NodeV2) -> float:
    """How many times as long as here a loop of the shell takes on the node."""
    here = subprocess.run(["sh", "-c", _LOOP], check=True, capture_output=True, text=True).stdout
    there = node.run(_LOOP)
    return _seconds(there) / _seconds(here)


def _seconds(text: str) -> float:
    began, ended = map(float, text.split())
    return ended - began
