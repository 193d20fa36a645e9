"""A cluster with one ReplicationController and a scaler, for tests of the loop.

The API server is in memory; usage is what a test says.
"""

import threading
from typing import Any

from kube import objects, timestamps
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe
from scaler.loop import Loop
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, NoMinute
from scaler.wake import Wake
from scaler.watches import Observer
from store.model import PodSize, Status
from store.reasons import Reason
from tests.fakecluster import FakeCluster
from tests.fakes import FakeGateway, Json
from tests.unit.scaler.builders import NOW, ours

RC = "/api/v1/namespaces/shop/replicationcontrollers/web"
PODS = "/api/v1/namespaces/shop/pods"
PODSIZE = "/apis/podtailor.io/v1alpha1/namespaces/shop/podsizes/replicationcontroller-web"


class Once(threading.Event):
    """Stops a watch after one attempt, which has reported everything that exists."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


class Load(Windows):
    """Every container of every pod uses the same."""

    used: float | Reason = 10.0

    def minute(
        self, pod: objects.Pod, container: str, now: float, covering: float = 0.0
    ) -> Minute | NoMinute:
        if isinstance(self.used, Reason):
            return NoMinute(self.used, "as given")
        return Minute(self.used, 60.0, 0, now)


class World:
    """A cluster with one ReplicationController of two pods, and a scaler."""

    def __init__(self) -> None:
        self.api = FakeCluster()
        self.now = NOW
        self.load = Load()
        self.api.set("/api/v1/namespaces/shop", {"metadata": {"name": "shop"}})
        self.api.set("/api/v1/nodes/node", _node())
        self.annotate(mode="auto")
        self.api.settle()
        self.start()

    def annotate(self, replicas: int = 2, **values: str) -> None:
        self.api.set(RC, controller(ours(values), replicas))

    def start(self, **settings: Any) -> None:
        """A new scaler, which knows nothing."""
        self.observer = Observer(self.api, lambda key: None)
        probe = Probe(self.api, "podtailor-system", wait=lambda _: None, monotonic=lambda: self.now)
        self.loop = Loop(
            Settings(**settings),
            self.observer,
            self.load,
            Actuator(self.api, self.observer.store, probe),
            Reporter(self.api, "test"),
            Wake(),
            lambda: self.now,
        )

    def cycle(self, times: int = 1, seconds: float = 10.0, *, everything: bool = True) -> None:
        for _ in range(times):
            self.now += seconds
            self.api.clock = timestamps.text(self.now)
            for watch in self.observer.watches():
                watch.run(Once())
            self.loop.cycle(self.now, everything=everything)

    @property
    def podsize(self) -> PodSize:
        for watch in self.observer.watches():
            watch.run(Once())
        found = self.observer.store.named(("shop", "replicationcontroller-web"))
        assert found is not None
        return found

    @property
    def status(self) -> Status:
        return self.podsize.status

    def limits(self) -> list[str]:
        return sorted(
            p["spec"]["containers"][0]["resources"]["limits"]["cpu"] for p in self.api.list(PODS)
        )

    def events(self) -> list[tuple[str, str]]:
        found = self.api.list("/apis/events.k8s.io/v1/events")
        return [(e["reason"], e["type"]) for e in found]


def controller(annotations: dict[str, str], replicas: int) -> Json:
    resources = {
        "requests": {"cpu": "250m", "memory": "64Mi"},
        "limits": {"cpu": "500m", "memory": "128Mi"},
    }
    spec = {"containers": [{"name": "nginx", "image": "nginx", "resources": resources}]}
    return {
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "uid": "uid-web",
            "generation": 1,
            "annotations": annotations,
        },
        "spec": {
            "replicas": replicas,
            "template": {"metadata": {"labels": {"of": "web"}}, "spec": spec},
        },
        "status": {"observedGeneration": 1},
    }


def _node() -> Json:
    return {
        "metadata": {"name": "node"},
        "status": {
            "allocatable": {"cpu": "64", "memory": "64Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def unread_loop() -> Loop:
    """A loop whose watches have read nothing yet."""
    api = FakeGateway()
    observer = Observer(api, lambda key: None)
    actuator = Actuator(api, observer.store, Probe(api, "release"))
    return Loop(
        Settings(port=0),
        observer,
        Windows(),
        actuator,
        Reporter(api, "me"),
        Wake(),
    )
