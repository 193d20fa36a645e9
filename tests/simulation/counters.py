"""What containers use: cumulative counters that start over with each container.

The kubelet looks at them now and then, and what a reader gets is its last look, by the kubelet's
clock. The whole truth is kept too, by the true clock: it is what decisions are judged by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scaler.usage.kernel import Kernel
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.window import Reading
from tests.simulation.apps import App, app_of
from tests.simulation.etcd import Json
from tests.simulation.quantities import of_container

_UNLIMITED = 10**9
_PERIODS = 10.0  # of CFS, a second
_BURSTS = 0.6
"""Share of the periods in which a program that bursts wants more than its mean."""


@dataclass
class Counter:
    """One container's CPU since its start. `looks`: (true time, CPU seconds), oldest first."""

    node: str
    uid: str
    namespace: str
    pod: str
    container: str
    started: float
    app: App
    limit: int
    base: int | None
    memory: int | None = None
    """Bytes, its limit."""
    first: bool = True
    """Whether it is the pod's first container, which the program's memory and bursts are of."""
    looks: list[tuple[float, float]] = field(default_factory=list)
    running: bool = True
    throttled: list[tuple[float, float]] = field(default_factory=list)
    """Time and throttled periods so far."""
    known: str = ""
    """The container's ID, where there are node agents."""
    speeds: Mapping[str, float] = field(default_factory=dict)
    """Of nodes that heat has slowed: the same work takes more CPU time."""

    def look(self, now: float) -> None:
        """The kubelet reads the counter."""
        at, used = self.looks[-1] if self.looks else (self.started, 0.0)
        wanted = self.wanted(at)
        rate = min(wanted, self.limit) / 1000
        self.looks.append((now, used + rate * (now - at)))
        share = 1.0 if wanted > self.limit else _BURSTS if self.bursting else 0.0
        before = self.throttled[-1][1] if self.throttled else 0.0
        self.throttled.append((now, before + share * _PERIODS * (now - at)))

    def wanted(self, at: float) -> float:
        """Millicores that it would use if nothing limited it."""
        wanted = self.app.demand.get(self.container, 0.0) * self.app.skew.get(self.pod, 1.0)
        wanted /= self.speeds.get(self.node, 1.0)
        seconds, more = self.app.burns
        return wanted + more if self.first and at < self.started + seconds else wanted

    @property
    def bursting(self) -> bool:
        """Whether its bursts are cut off."""
        return self.first and self.limit < self.app.bursts

    @property
    def needed(self) -> int:
        """Bytes that cannot be reclaimed."""
        return self.app.memory if self.first else 1024**2

    def kernel(self, skew: float) -> Kernel:
        """What cAdvisor says of it, on cgroup v1: page cache reaches the limit again and again."""
        at, throttled = self.throttled[-1]
        full = self.memory is not None and self.needed + self.app.cache > self.memory
        limited = self.limit < _UNLIMITED
        return Kernel(
            at + skew,
            _PERIODS * (at - self.started) if limited else None,
            throttled if limited else None,
            self.needed,
            None,
            (at - self.started) if full else 0.0,
        )


class Counters:
    """All containers of all nodes."""

    def __init__(self) -> None:
        self.current: dict[tuple[str, str], Counter] = {}
        self.all: dict[tuple[str, str], list[Counter]] = {}
        """By workload (several may run the same program) and container."""
        self.speeds: dict[str, float] = {}
        """Of nodes that heat has slowed, as a share."""

    def start(self, pod: Json, name: str, now: float, app: App, known: str = "") -> None:
        """A container begins; `known`: its ID."""
        container = next(c for c in pod["spec"]["containers"] if c["name"] == name)
        limit = of_container(container, "limits", "cpu")
        request = of_container(container, "requests", "cpu")
        meta = pod["metadata"]
        counter = Counter(
            pod["spec"]["nodeName"],
            meta["uid"],
            meta["namespace"],
            meta["name"],
            name,
            now,
            app,
            limit or _UNLIMITED,
            limit or request,
            of_container(container, "limits", "memory"),
            name == pod["spec"]["containers"][0]["name"],
            known=known,
            speeds=self.speeds,
        )
        self.current[meta["uid"], name] = counter
        self.all.setdefault((app_of(pod), name), []).append(counter)

    def resize(self, pod: Json, now: float) -> None:
        """The pod's containers have other limits from now on, and go on counting."""
        for container in pod["spec"]["containers"]:
            counter = self.current.get((pod["metadata"]["uid"], container["name"]))
            if counter is not None:
                counter.look(now)
                limit = of_container(container, "limits", "cpu")
                counter.limit = limit or _UNLIMITED
                counter.base = limit or of_container(container, "requests", "cpu")
                counter.memory = of_container(container, "limits", "memory")

    def stop(self, pod: Json, name: str) -> None:
        """A container ended by itself: its counters are gone."""
        self.current.pop((pod["metadata"]["uid"], name), None)

    def forget(self, pod: Json) -> None:
        """A pod is gone."""
        for container in pod["spec"]["containers"]:
            self.stop(pod, container["name"])

    def look(self, node: str, now: float) -> None:
        """A node's kubelet looks at all of its containers."""
        for counter in self.current.values():
            if counter.node == node:
                counter.look(now)

    def samples(self, node: str, skew: float, received: float) -> list[Sample]:
        """What a node's kubelet answers, received at `received` by the reader's clock."""
        return [
            Sample(
                c.namespace,
                c.pod,
                c.container,
                Reading(
                    c.looks[-1][0] + skew,
                    received,
                    c.looks[-1][1],
                    c.needed + c.app.cache,
                    c.started + skew,
                    kernel=c.kernel(skew),
                ),
                node,
            )
            for c in self.current.values()
            if c.node == node and c.looks
        ]
