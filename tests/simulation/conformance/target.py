"""What a case talks to: the model or a real cluster, through the same few calls."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import msgspec

from kube.errors import KubeError
from kube.gateway import STRATEGIC_PATCH, Gateway
from scaler.settings import Settings
from tests.simulation import shapes
from tests.simulation.apps import App
from tests.simulation.connection import Connection, WatchConnection
from tests.simulation.etcd import Json
from tests.simulation.routes import KINDS, path_of
from tests.simulation.world import World

_PATIENCE = 60.0
OK = "ok"


class Target(ABC):
    """One cluster, and a namespace of it that nobody else uses."""

    def __init__(self, gateway: Gateway, watching: Gateway, space: str) -> None:
        self.gateway, self.watching, self.space = gateway, watching, space

    def path(self, plural: str, name: str = "", sub: str = "") -> str:
        """Where an object of the namespace is."""
        return path_of(plural, self.space, name, sub)

    def call(
        self, verb: str, path: str, body: Json | None = None, **query: str
    ) -> tuple[str, Json]:
        """How a call ended, "ok" or status and reason, and the body of its answer."""
        try:
            if verb in ("GET", "DELETE"):
                raw = self._bare(verb, path, body, query)
            else:
                send = {"POST": self.gateway.post, "PUT": self.gateway.put}
                raw = (send.get(verb) or self.gateway.patch)(path, body, **query)
        except KubeError as e:
            return f"{e.status} {e.reason}", {}
        return OK, msgspec.json.decode(raw)

    def resize(self, name: str, body: Json) -> tuple[str, Json]:
        """Resize a pod in place, as somebody; how that ended."""
        path = self.path("pods", name, "resize")
        try:
            raw = self.gateway.patch(path, body, STRATEGIC_PATCH, fieldManager="somebody")
        except KubeError as e:
            return f"{e.status} {e.reason}", {}
        return OK, msgspec.json.decode(raw)

    def _bare(self, verb: str, path: str, body: Json | None, query: dict[str, str]) -> bytes:
        if verb == "GET":
            return self.gateway.get(path, **query)
        return self.gateway.delete(path, body, **query)

    def create(self, plural: str, name: str, body: Json, **query: str) -> tuple[str, Json]:
        """Create an object by name."""
        kind = KINDS[plural]
        meta = {**body.get("metadata", {}), "name": name}
        whole = {**body, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta}
        return self.call("POST", self.path(plural), whole, **query)

    def get(self, plural: str, name: str) -> Json:
        """An object; empty where it is not there."""
        return self.call("GET", self.path(plural, name))[1]

    def list(self, plural: str) -> list[Json]:
        """The namespace's objects of a kind."""
        return list(self.call("GET", self.path(plural))[1]["items"])

    def until(self, holds: Callable[[], Any]) -> bool:
        """Let time go by until something holds; False where it never does."""
        end = self.now() + _PATIENCE
        while self.now() < end:
            if holds():
                return True
            self.rest(0.2)
        return False

    @abstractmethod
    def now(self) -> float:
        """Seconds, of whatever clock the target lives by."""

    @abstractmethod
    def rest(self, seconds: float) -> None:
        """Let time go by."""


class Real(Target):
    """A real cluster."""

    def __init__(self, gateway: Gateway, space: str) -> None:
        super().__init__(gateway, gateway, space)

    def now(self) -> float:
        """Of this machine."""
        return time.monotonic()

    def rest(self, seconds: float) -> None:
        """Really."""
        time.sleep(seconds)


class _Apps(dict[str, App]):
    """Every program that anybody names: it starts at once and is ready soon."""

    def __missing__(self, name: str) -> App:
        return App(name, {}, 0, (0.1, 0.3), (0.1, 0.5), (0.1, 0.5))


class Model(Target):
    """The model, with one node of two cores."""

    def __init__(self) -> None:
        world = self.world = World(0, Settings())
        world.apps = world.kubelets.apps = _Apps()
        connection = Connection(world.api, world.timeline, world.source["calls"], "script")
        super().__init__(connection, WatchConnection(world.api), shapes.NAMESPACE)
        world.create("namespaces", shapes.namespace(self.space))
        world.create("nodes", shapes.node("node-0", "2", "4Gi"))
        world.add_webhooks(1)
        world.etcd.compacted = world.etcd.version

    def now(self) -> float:
        """Simulated."""
        return self.world.timeline.now

    def rest(self, seconds: float) -> None:
        """In no time."""
        self.world.timeline.pass_(seconds)
