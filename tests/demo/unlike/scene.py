"""Equal requests to DaemonSets' pods on every kind of node, until sizes stay; then a minute."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from kube.gateway import Gateway
from kube.objects import Pod
from tests.demo.scene import until
from tests.demo.unlike import daemonsets, nodes
from tests.demo.unlike.nodes import Used
from tests.demo.unlike.report import Row
from tests.demo.unlike.requests import Requests
from tests.demo.unlike.sizes import Sizes, has
from tests.nodes.node import NodeV2

PROBED = 24.0
"""Requests a second to each pod, from which the rate is worked out."""
NEEDED = 1.1
"""Times the manifest's limit that the quickest of the slow kinds is to need."""
SLOWEST, FASTEST = 1.0, 90.0
"""Requests a second, whatever is worked out."""
MEASURED = 60.0
STAYS = 200.0
"""Seconds without a change after which none is waited for: a cool-down and a minute, and more."""
AT_LEAST, AT_MOST = 240.0, 900.0
READY = 600.0


@dataclass(frozen=True)
class Scene:
    """DaemonSets in a namespace of three kinds of node."""

    gateway: Gateway
    space: str
    machines: Mapping[str, NodeV2]
    sizes: Sizes

    def ready(self) -> bool:
        """Whether each of them has a Ready pod on each node."""
        wanted = len(daemonsets.SETS) * (1 + len(self.machines))
        return until(lambda: sum(pod.ready for pod in self.pods()) == wanted, READY)

    def pods(self) -> list[Pod]:
        """All of their pods."""
        return daemonsets.pods(self.gateway, self.space)

    def rate(self) -> float:
        """Requests a second at which every emulated kind needs more than the manifest says.

        Tried first, as how much a request costs there depends on the machine that emulates them.
        """
        requests = self.requests(PROBED)
        try:
            rows = self.measured(requests)
        finally:
            requests.stop()
        return rate_from([row for row in rows if row.node in self.machines])

    def requests(self, rate: float) -> Requests:
        """So many a second to each of them, from now on."""
        return Requests(daemonsets.addresses(self.gateway, self.space), rate).start()

    def settled(self) -> bool:
        """Whether sizes stay as they are; waits for it."""
        sizes = self.sizes

        def stays() -> bool:
            return sizes.now() > max(AT_LEAST, sizes.last_change() + STAYS)

        return until(stays, AT_MOST)

    def measured(self, requests: Requests) -> list[Row]:
        """What each pod does in that time, by DaemonSet and node."""
        pods = sorted(self.pods(), key=lambda p: (_order(p), p.spec.node_name or ""))
        requests.begin()
        before = nodes.read(self.machines, pods)
        time.sleep(MEASURED)
        after = nodes.read(self.machines, pods)
        used = {name: nodes.used(before[name], after[name]) for name in before}
        return [_row(pod, used[_name(pod)], requests) for pod in pods]


def rate_from(rows: Sequence[Row]) -> float:
    """Of what pods used at PROBED requests a second; the quickest kind counts."""
    least = min(max(row.used.cpu for row in rows if row.node == node) for node in _nodes(rows))
    wanted = NEEDED * daemonsets.LIMIT
    return round(min(FASTEST, max(SLOWEST, PROBED * wanted / max(least, 1.0))), 1)


def _nodes(rows: Sequence[Row]) -> set[str]:
    return {row.node for row in rows}


def _row(pod: Pod, used: Used, requests: Requests) -> Row:
    name = _name(pod)
    took, missed = [*requests.answered[name]], requests.missed[name]
    return Row(
        name=_app(pod),
        node=pod.spec.node_name or "",
        limit=has(pod) or 0,
        used=used,
        answers=len(took),
        asked=len(took) + missed,
        median=median(took) if took else 0.0,
    )


def _app(pod: Pod) -> str:
    return (pod.metadata.labels or {})["app"]


def _order(pod: Pod) -> int:
    return list(daemonsets.SETS).index(_app(pod))


def _name(pod: Pod) -> str:
    return pod.metadata.name
