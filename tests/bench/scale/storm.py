"""What happens to any large cluster: pods restart, a node is lost. For ours and VPA alike."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from kube.errors import NotFound
from tests.bench.scale.cost import Cost, Watch
from tests.bench.scale.ground import NAMESPACE, Ground
from tests.bench.scale.users import Writes


@dataclass(frozen=True)
class Seen:
    """What something cost: the programs, their writes by kind, and the seconds that it took."""

    cost: Mapping[str, Cost]
    writes: Mapping[str, int]
    seconds: float

    @property
    def beside_leases(self) -> int:
        """Writes that are not the renewal of a Lease."""
        return sum(n for what, n in self.writes.items() if not what.endswith(" leases"))


def seen(watch: Callable[[], Watch], what: Callable[[], object]) -> Seen:
    """The cost of something while it goes on."""
    writes, cost, began = Writes(), watch(), time.monotonic()
    what()
    took = time.monotonic() - began
    return Seen(cost.cost(), dict(sorted(writes.made().items())), round(took, 1))


def rest(seconds: float) -> Callable[[], None]:
    """Nothing changes."""
    return lambda: time.sleep(seconds)


def restarts(ground: Ground) -> None:
    """Every tenth pod is deleted; until all are Ready again."""
    pods = [p["metadata"]["name"] for p in ground.pods()][::10]
    where = f"/api/v1/namespaces/{NAMESPACE}/pods"

    def delete(name: str) -> None:
        with suppress(NotFound):
            ground.gateway.delete(f"{where}/{name}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(delete, pods))
    ground.whole(300)


def lost(ground: Ground) -> None:
    """A node's object is deleted; until all pods are Ready again, elsewhere."""
    ground.gateway.delete("/api/v1/nodes/kwok-0")
    gone = {p["metadata"]["name"] for p in ground.pods() if p["spec"].get("nodeName") == "kwok-0"}
    until = time.monotonic() + 240
    while time.monotonic() < until:
        if not gone & {p["metadata"]["name"] for p in ground.pods()}:
            break
        time.sleep(2)
    ground.whole(300)
