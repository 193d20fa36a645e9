"""Random faults, one at a time, each ended before the next: drawn from a seed, and counted."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from kube.errors import KubeError
from kube.gateway import Gateway
from tests.e2e.programs import Program, Programs, configure, free_port, unconfigure
from tests.e2e.workloads import Json, until
from tests.faults.conftest import component, killed
from tests.faults.front import Front, failing, garbage
from tests.faults.scaler import CLOCK
from tests.faults.town import Town
from tests.faults.wire import Wire

Begin = Callable[[], object]


@dataclass
class Chaos:
    """Everything that faults can hit. `longest`: seconds that a fault lasts at most."""

    gateway: Gateway
    programs: Programs
    front: Front
    wire: Wire
    town: Town
    luck: random.Random
    longest: float
    done: Counter[str] = field(default_factory=Counter)

    def strike(self) -> str:
        """One fault from its beginning to its end; its name."""
        faults = self.faults()
        name = self.luck.choice([*faults])
        print(f"{time.strftime('%H:%M:%S')} {name}", flush=True)
        with suppress(KubeError):
            faults[name]()
        time.sleep(self.luck.uniform(1, self.longest))
        self.heal()
        self.done[name] += 1
        return name

    def faults(self) -> Mapping[str, Begin]:
        """The start of each fault, by name."""
        return {**self._of_servers(), **self._of_programs(), **self._of_people()}

    def heal(self) -> None:
        """Make everything serve again; users' edits stay."""
        component("start", "etcd")
        for name in ("apiserver", "kubelet"):
            component("start", name)
        self.wire.mend()
        self.front.whole()
        Path(self.programs.scaler.environment[CLOCK]).write_text("0")
        until(self._configured, 60)
        for one in (self.programs.webhook, self.programs.scaler):
            if one.process is None:
                one.start(60)
        for name in ("resourcequotas", "limitranges"):
            until(lambda n=name: self._gone(n), 30)  # type: ignore[misc]

    def _of_servers(self) -> dict[str, Begin]:
        return {
            "API server down": lambda: component("kill", "apiserver"),
            "API server hangs": lambda: component("pause", "apiserver"),
            "etcd down": lambda: component("kill", "etcd"),
            "kubelet down": lambda: component("kill", "kubelet"),
            "scaler cut off": self.wire.cut,
            "watches silent": self.wire.silence,
            "watches answered 410": self.wire.forget,
            "webhook slow": lambda: setattr(self.front, "course", self.front.slow(6.0)),
            "webhook answers 500": lambda: setattr(self.front, "course", failing),
            "webhook answers garbage": lambda: setattr(self.front, "course", garbage),
            "webhook's certificate expired": lambda: setattr(self.front, "serving", "expired"),
            "configuration deleted": lambda: unconfigure(self.gateway),
        }

    def _of_programs(self) -> dict[str, Begin]:
        clock = Path(self.programs.scaler.environment[CLOCK])
        return {
            "scaler killed": self.programs.scaler.kill,
            "webhook killed": lambda: killed(self.programs.webhook),
            "clock an hour ahead": lambda: clock.write_text("3600"),
            "clock an hour behind": lambda: clock.write_text("-3600"),
            "two scalers": self._second,
        }

    def _of_people(self) -> dict[str, Begin]:
        return {
            "quota": lambda: self._make("ResourceQuota", {"hard": {"limits.cpu": "100m"}}),
            "LimitRange": lambda: self._make(
                "LimitRange", {"limits": [{"type": "Container", "max": {"cpu": "20m"}}]}
            ),
            "pods deleted": self._pods_deleted,
            "rollout": self._rollout,
            "status emptied": lambda: self._on_podsize("/status", {"status": None}),
            "PodSize deleted": lambda: self._on_podsize("", None),
        }

    def _second(self) -> None:
        """A second scaler for a while, without a Lease between the two."""
        with self._another() as second, suppress(TimeoutError):
            second.start()
            time.sleep(self.luck.uniform(1, self.longest))

    @contextmanager
    def _another(self) -> Iterator[Program]:
        usual, port = self.programs.scaler, free_port()
        environment = {**usual.environment, "PODTAILOR_SCALER_PORT": str(port)}
        made = replace(
            usual,
            environment=environment,
            health=f"http://127.0.0.1:{port}/readyz",
            log=usual.log.with_name("second.log"),
            process=None,
        )
        yield made
        made.kill()

    def _configured(self) -> bool:
        configure(self.gateway, self.front.url, self.front.bundle)
        return True

    def _path(self, plural: str, *rest: str) -> str:
        return "/".join([f"/api/v1/namespaces/{self.town.shop.namespace}/{plural}", *rest])

    def _make(self, kind: str, spec: Json) -> None:
        body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "small"}, "spec": spec}
        self.gateway.post(self._path(kind.lower() + "s"), body)

    def _gone(self, plural: str) -> bool:
        self.gateway.delete(self._path(plural))
        return True

    def _pods_deleted(self) -> None:
        for pod in self.luck.sample(self.town.pods(), 3):
            self.gateway.delete(self._path("pods", pod.metadata.name))

    def _rollout(self) -> None:
        kinds = ("Deployment", "StatefulSet")
        one = self.luck.choice([w for w in self.town.wanted if w.kind in kinds])
        note = {"podtailor.example/rollout": str(time.time())}
        template = {"template": {"metadata": {"annotations": note}}}
        self.town.shop.patch(one, {"spec": template})

    def _on_podsize(self, under: str, patch: Json | None) -> None:
        path = self.town.shop.podsize_path(self.luck.choice([*self.town.wanted])) + under
        self.gateway.patch(path, patch) if patch else self.gateway.delete(path)
