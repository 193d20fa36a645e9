"""What one cycle of a large cluster costs the scaler, in CPU seconds, with nothing to be done.

The real loop over an API server in memory, which it has read through its own watches. No workload
is due: what is measured is the looking, each time with new usage of every container. Wall-clock
time would measure the machine's other work; the collector of garbage is part of what it costs.
"""

import hashlib
import json
import threading
import time
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from kube import timestamps
from scaler import garbage
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe
from scaler.loop import Loop
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.usage.kernel import Kernel
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Reading
from scaler.wake import Wake
from scaler.watches import Observer
from store.codec import status_to_json
from store.model import Phase, Status, Workload
from store.naming import object_name
from store.reasons import Reason
from store.records import Change
from tests.bench.results import Figure, Measured, median, rounded
from tests.fakes import FakeGateway, Json
from tests.unit.scaler import builders, shapes

NODES, WORKLOADS, REPLICAS = 200, 1000, 10
CYCLES = 11
INTERVAL = 15.0
"""Seconds between two cycles, by the scaler's clock."""
_SETTLE = 6
"""Cycles until each container has a minute and every status says what it will say."""
_USED = 0.6
"""Cores used by each container, of a limit of one: neither due nor quiet."""


def measure() -> Measured:
    """About half a minute."""
    garbage.seldom()  # as the program does
    town = Town(NODES, WORKLOADS, REPLICAS)
    town.settle()
    town.timed(CYCLES // 2)  # what only the first cycles pay
    unchanged = town.timed(CYCLES)
    changed = [town.woken() for _ in range(CYCLES)]
    how = {"nodes": NODES, "workloads": WORKLOADS, "replicas": REPLICAS, "cycles": CYCLES}
    return Measured(
        [
            Figure("a cycle, all minutes new", round(median(unchanged), 4), "s CPU"),
            Figure("a cycle after a watch brought one pod", round(median(changed), 4), "s CPU"),
        ],
        how,
        {"unchanged": rounded(unchanged, 4), "changed": rounded(changed, 4)},
    )


class _Once(threading.Event):
    """Ends a watch after one attempt: it has then read everything that there is."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


class Town:
    """ReplicationControllers that are enrolled, with sizes that every pod has; and a scaler."""

    def __init__(self, nodes: int, workloads: int, replicas: int, **asked: str) -> None:
        """`asked`: annotations beside `mode`."""
        self.now, self.used, self.burnt = builders.NOW, _USED, 0.0
        self.api = FakeGateway()
        self.names = [f"web-{number}" for number in range(workloads)]
        self.pods = [(name, f"{name}-{i}") for name in self.names for i in range(replicas)]
        self.api.set("/api/v1/namespaces/shop", {"metadata": {"name": "shop"}})
        for number in range(nodes):
            node = shapes.node(f"node-{number}", "128", memory="512Gi", pods="250")
            self.api.set(f"/api/v1/nodes/{node.metadata.name}", _json(node))
        for name in self.names:
            self.api.set(
                f"{_CORE}/replicationcontrollers/{name}", _controller(name, replicas, asked)
            )
            self.api.set(f"{_STORE}/{object_name(_workload(name))}", _podsize(name))
        for number, (name, pod) in enumerate(self.pods):
            made = _pod(name, pod, f"node-{number % nodes}")
            self.api.set(f"{_CORE}/pods/{pod}", made)
        self.windows = Windows()
        self.observer = Observer(self.api, lambda key: None)
        for watch in self.observer.watches():
            watch.run(_Once())
        self.loop = _loop(self.api, self.observer, self.windows)

    def settle(self) -> None:
        """Cycles until nothing is written any more. Raises RuntimeError where that never comes."""
        for _ in range(_SETTLE):
            before = len(self.api.writes)
            self.cycle()
        if len(self.api.writes) > before:
            raise RuntimeError(f"still written: {self.api.writes[before:][:3]}")

    def timed(self, cycles: int) -> list[float]:
        """CPU seconds of each cycle. Raises RuntimeError where anything was written."""
        before = len(self.api.writes)
        took = [self.cycle() for _ in range(cycles)]
        if len(self.api.writes) > before:
            raise RuntimeError(f"something was decided: {self.api.writes[before:][:3]}")
        return took

    def podsize(self, name: str) -> Json:
        """What the store has of a workload."""
        return self.api.objects[f"{_STORE}/{object_name(_workload(name))}"]

    def touch(self) -> None:
        """Another version of one pod comes, as a kubelet reports it."""
        path = f"{_CORE}/pods/{self.pods[len(self.pods) // 2][1]}"
        made = self.api.set(path, self.api.objects[path])
        self.observer.pods.put(json.dumps(made).encode())

    def cycle(self) -> float:
        """New usage of every container, then one cycle; the CPU seconds of the cycle alone.

        What the kubelet and cAdvisor say, as the scraper puts both together.
        """
        self.now += INTERVAL
        self.burnt += self.used * INTERVAL
        started = builders.NOW - 3600.0
        periods = 10.0 * (self.now - started)
        kernel = Kernel(self.now, periods, 0.1 * periods, 40 * builders.MI, None, 0.0)
        reading = Reading(self.now, self.now, self.burnt, 50 * builders.MI, started, kernel=kernel)
        samples = [Sample("shop", pod, "nginx", reading) for _, pod in self.pods]
        self.windows.take_in(samples, self.now)
        return self._timed(everything=True)

    def woken(self) -> float:
        """One pod changes, a second after the last cycle; the CPU seconds of the cycle alone."""
        self.now += 1.0
        self.touch()
        return self._timed(everything=False)

    def _timed(self, *, everything: bool) -> float:
        began = time.process_time()
        plans = self.loop.cycle(self.now, everything=everything)
        took = time.process_time() - began
        if len(plans) != len(self.names):
            raise RuntimeError(f"{len(plans)} of {len(self.names)} workloads have a plan")
        return took


_CORE = "/api/v1/namespaces/shop"
_STORE = "/apis/podtailor.io/v1alpha1/namespaces/shop/podsizes"
_SIZE = builders.stored()


def _workload(name: str) -> Workload:
    return Workload("v1", "ReplicationController", "shop", name)


def _json(made: object) -> Json:
    plain: Json = msgspec.json.decode(msgspec.json.encode(made))
    return plain


def _controller(name: str, replicas: int, asked: Mapping[str, str]) -> Json:
    meta = {"name": name, "uid": f"uid-{name}"}
    every = builders.ours({"mode": "auto", **asked})
    return _json(builders.owner(replicas=replicas, annotations=every, metadata=meta))


def container_id(pod: str) -> str:
    """Of a pod's container."""
    return hashlib.sha256(pod.encode()).hexdigest()


def _pod(owner: str, name: str, node: str) -> Json:
    made = builders.injected(name, _SIZE, of=f"uid-{owner}", nodeName=node)
    running = {"state": {"running": {"startedAt": builders.LONG_AGO}}}
    known = {"name": "nginx", "containerID": f"containerd://{container_id(name)}"}
    status = {"containerStatuses": [{**known, "ready": True, **running}]}
    plain = _json(made)
    return {**plain, "status": {**plain["status"], **status}}


def _podsize(name: str) -> Json:
    at = timestamps.text(builders.NOW - 7200.0)
    change = Change(at, _SIZE.revision, "nginx", "cpu", "500m", "1", Reason.DOUBLED)
    status = replace(
        Status(size=_SIZE, last_good=_SIZE, changes=(change,), observed_generation=1),
        phase=Phase.SETTLED,
        reason=Reason.DOUBLED,
    )
    owner = {"apiVersion": "v1", "kind": "ReplicationController", "name": name}
    return {
        "metadata": {
            "name": object_name(_workload(name)),
            "namespace": "shop",
            "uid": f"podsize-{name}",
            "generation": 1,
            "ownerReferences": [{**owner, "uid": f"uid-{name}"}],
        },
        "spec": {"workloadRef": owner},
        "status": _json(status_to_json(status)),
    }


def _loop(api: FakeGateway, observer: Observer, windows: Windows) -> Loop:
    probe = Probe(api, "podtailor-system", wait=lambda seconds: None)
    return Loop(
        Settings(),
        observer,
        windows,
        Actuator(api, observer.store, probe),
        Reporter(api, "bench"),
        Wake(),
    )
