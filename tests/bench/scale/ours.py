"""The scaler and the webhook on the ground: start, rest, and what a storm asks of them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from kube.errors import NotFound
from scaler.model import TAKES
from store.model import PODSIZE, Workload
from store.naming import object_name
from tests.bench.scale import users
from tests.bench.scale.cost import Watch
from tests.bench.scale.ground import NAMESPACE, Ground, slowly
from tests.e2e.definition import define
from tests.e2e.programs import Programs, unconfigure, wired
from tests.e2e.workloads import Json, until

SCALER, WEBHOOK = "podtailor-scaler", "podtailor-webhook"
_TAKEN = {kind.__name__ for kind in TAKES}
_HOT = 8.0
"""Times its limit, which no container can use: so a whole minute's mean is over the threshold with
the first reading after it, and all that should be due at once are."""
_SETTINGS = {
    "LOG_FORMAT": "json",
    "SCALER_LEASE": "podtailor-scaler",
    "SCALER_SURGE_ENABLED": "false",  # the rights policy that it needs comes with the chart
    "SCALER_RESTARTS_PERHOUR": "10000",
    "SCALER_RESTARTS_CLUSTERPERHOUR": "10000",
}


@dataclass
class Ours:
    """Both programs, and what the scaler has logged."""

    ground: Ground
    programs: Programs

    def watch(self) -> Watch:
        """Their cost from now on."""
        both = {SCALER: self.programs.scaler.process, WEBHOOK: self.programs.webhook.process}
        return Watch({name: process.pid for name, process in both.items() if process})

    def actions(self, since: float) -> Iterator[tuple[float, str, Json]]:
        """When, what and the record of each action that was carried out."""
        for line in self.programs.scaler.log.read_text().splitlines():
            with suppress(ValueError):
                one = json.loads(line)
                if one.get("message") == "action" and one.get("done"):
                    at = datetime.fromisoformat(one["time"]).timestamp()
                    if at >= since:
                        yield at, one["action"], one

    def begun(self) -> dict[str, float]:
        """Seconds from the start, nothing known of any workload, to the first and last PodSize."""
        began = time.time()
        self.programs.webhook.start()
        self.programs.scaler.start(120)
        until(lambda: self._podsizes() == self.ground.workloads, 60 + self.ground.workloads / 5)
        made = [at - began for at, action, _ in self.actions(began) if action == "Create"]
        return {"first": min(made), "all": max(made)}

    def again(self) -> float:
        """Seconds from a restart to the first decision, on a size set by hand while it was away."""
        self.programs.scaler.stop()
        hand = {"name": "app", "requests": {"cpu": "260m"}, "limits": {"cpu": "520m"}}
        self.ground.gateway.patch(
            _path(self.ground.workloads - 1), {"spec": {"containers": [hand]}}
        )
        began = time.time()
        self.programs.scaler.start(120)
        until(lambda: any(_decided(one) for one in self.actions(began)), 120)
        return min(one[0] for one in self.actions(began) if _decided(one)) - began

    def quiet(self, seconds: float, patience: float) -> None:
        """Wait until nothing but Leases was written for that long."""
        until(lambda: not _writes(seconds), patience, lambda: "it goes on writing")

    def due(self, first: int, last: int) -> dict[str, float]:
        """Seconds from the first decision to the last, and to the first pod that is taken."""
        began, count = time.time(), last - first
        self.ground.uses(first, last, _HOT)

        def decided() -> list[float]:
            return [at for at, *_ in filter(_decided, self.actions(began))]

        def taken() -> list[float]:
            return [at for at, action, _ in self.actions(began) if action in _TAKEN]

        until(slowly(lambda: len(decided()) >= count and bool(taken())), 240)
        self.ground.uses(first, last, 0.6)
        times = decided()
        return {
            "seen_s": round(min(times) - began, 2),
            "decided_within_s": round(max(times) - min(times), 2),
            "first_taken_s": round(min(taken()) - min(times), 2),
        }

    def _podsizes(self) -> int:
        time.sleep(0.5)
        raw = self.ground.gateway.get(PODSIZE.path(NAMESPACE))
        return len(msgspec.json.decode(raw)["items"])


@contextmanager
def ours(ground: Ground, folder: Path) -> Iterator[Ours]:
    """Neither is started yet; both are stopped in the end."""
    define(ground.gateway)
    programs = wired(ground.gateway, folder, **_SETTINGS)
    for program, name in ((programs.scaler, SCALER), (programs.webhook, WEBHOOK)):
        own = str(users.kubeconfig(name))
        program.environment = {**program.environment, "KUBECONFIG": own}
    try:
        yield Ours(ground, programs)
    finally:
        programs.stop()
        with suppress(NotFound):
            unconfigure(ground.gateway)


def _decided(one: tuple[float, str, Json]) -> bool:
    """Whether another size was written."""
    _, action, record = one
    return action == "Write" and "revision" in record


def _writes(seconds: float) -> dict[str, int]:
    seen = users.Writes()
    time.sleep(seconds)
    return {what: n for what, n in seen.made().items() if not what.endswith(" leases")}


def _path(number: int) -> str:
    workload = Workload("v1", "ReplicationController", NAMESPACE, f"web-{number}")
    return PODSIZE.path(NAMESPACE, object_name(workload))
