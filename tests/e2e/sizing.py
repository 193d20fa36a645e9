"""What is sized side by side in test_policies.py: programs, workloads, and a scaler in a hurry."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kube.errors import KubeError
from kube.gateway import Gateway
from kube.objects import Pod
from scaler.cluster.pod_sizes import sizes_of
from store.model import PodSize, Status, Workload
from store.reasons import Reason
from store.records import Change
from tests.e2e import namespaces
from tests.e2e.hungry import BURSTY, FILES, HUNGRY, program
from tests.e2e.programs import Program, Programs
from tests.e2e.workloads import Json, Shop, container, manifest, sized

QUIET = 45
"""Seconds of quiet before a halving."""
_HURRY = {
    "HALVE_QUIET": str(QUIET),
    "TRACK_WINDOW": "180",
    # Longer than it takes to know of throttling, or what is throttled gets smaller first: its page
    # is read each 15 s, and has to cover a minute after a container's first one.
    "TRACK_LEARNING": "90",
    "TRACK_PAUSE": "30",
}
_IDLE = "while :; do /bin/busybox sleep 1; done"
_HOLDS = f"/bin/busybox dd if=/dev/zero of=/dev/shm/held bs=1M count=20 2>/dev/null; {_IDLE}"
_SPINS = "while :; do :; done"
_SMALL = [container(**sized("50m", "100m"))]
_HUNGRY = [program(HUNGRY, **sized("20m", "300m", "28Mi"))]
_PLAIN = [program(_IDLE, **sized("10m", "50m", "16Mi"))]


def _asked(**annotations: str) -> Json:
    named = {"mode": "auto", **annotations}
    return {"podtailor.io/" + n.replace("_", "-"): v for n, v in named.items()}


def _starved() -> Json:
    """It has too little CPU, and its liveness probe ends it before two minutes are over."""
    probe = {"exec": {"command": ["/bin/busybox", "false"]}, "initialDelaySeconds": 50}
    ends = {**probe, "periodSeconds": 1, "failureThreshold": 1}
    return {**program(_SPINS, **sized("10m", "20m", "16Mi")), "livenessProbe": ends}


def _alike(policy: str) -> dict[str, Json]:
    """What both policies have to deal with alike, one pod each; by name."""
    alone = {"podtailor.io/single-replica": "restart"}
    bursty = sized("50m", "100m", "16Mi")
    side = {**program(BURSTY, "side", **bursty), "restartPolicy": "Always"}
    of: dict[str, Json] = {
        "hungry": {"containers": _HUNGRY},
        "bursty": {"containers": [program(BURSTY, **bursty)]},
        "native": {"containers": _PLAIN, "pod": {"initContainers": [side]}},
        "files": {"containers": [program(FILES, **sized("20m", "100m", "24Mi"))]},
        "starved": {"containers": [_starved()]},
    }
    waits: dict[str, Json] = {name: {} if name == "hungry" else alone for name in of}
    return {
        f"{policy}-{name}": manifest(
            "Deployment",
            f"{policy}-{name}",
            replicas=1,
            annotations={**_asked(policy=policy), **waits[name]},
            **spec,
        )
        for name, spec in of.items()
    }


def workloads() -> dict[str, Json]:
    """All of them, by name."""
    controller = "ReplicationController"
    track = _asked(policy="track", single_replica="restart")
    cpu = _asked(policy="track", resources="cpu")
    small: Json = {"containers": _SMALL}
    made = [
        manifest(controller, "web", **small),
        manifest("Deployment", "grown", **small, annotations=_asked(direction="up")),
        manifest("StatefulSet", "idle", **small),
        manifest(controller, "loaded", **small),
        manifest(controller, "observed", replicas=1, **small, annotations=_asked(mode="observe")),
        manifest(controller, "plain", replicas=1, **small, annotations={}),
        manifest("StatefulSet", "hungry-set", replicas=1, containers=_HUNGRY),
        manifest(controller, "pinned", **small, annotations=cpu),
        manifest("Deployment", "by-hand", replicas=1, **small, annotations=track),
        manifest(
            "Deployment",
            "holds",
            replicas=1,
            containers=[program(_HOLDS, **sized("10m", "50m", "128Mi"))],
            annotations=track,
        ),
    ]
    named = {one["metadata"]["name"]: one for one in made}
    return {**named, **_alike("double"), **_alike("track")}


@dataclass
class Town:
    """The workloads, and the scaler that sizes them."""

    shop: Shop
    made: dict[str, Workload]
    scaler: Program
    _seen: set[tuple[str, str, tuple[int, ...]]] = field(default_factory=set)

    def had(self, name: str, limits: list[int], of: str = "app") -> bool:
        """Whether its Ready pods had these CPU limits, in millicores, at some moment.

        While one workload is waited for another one goes on, and may be past it.
        """
        return (name, of, tuple(limits)) in self._seen

    def watch(self, ended: threading.Event) -> None:
        """Keep what its Ready pods have, twice a second, until the event."""
        while not ended.wait(0.5):
            with suppress(KubeError):  # the next look is near
                self._look([p for p in self.shop.all_pods() if p.ready])

    def _look(self, ready: list[Pod]) -> None:
        for name in self.made:
            mine = [sizes_of(p) for p in ready if (p.metadata.labels or {}).get("app") == name]
            for of in ("app", "side"):
                had = [one[of].limits.cpu or 0 for one in mine if of in one]
                self._seen.add((name, of, tuple(had)))

    def podsize(self, name: str) -> PodSize | None:
        """That of a workload."""
        return self.shop.podsize(self.made[name])

    def status(self, name: str) -> Status:
        """Its status; an empty one where there is none yet."""
        found = self.podsize(name)
        return found.status if found else Status()

    def changes(self, name: str) -> list[Change]:
        """Its changes, oldest first."""
        return [*reversed(self.status(name).changes)]

    def changed(self, name: str, reason: Reason, of: str = "app") -> bool:
        """Whether a container was ever changed for that reason."""
        return any((c.reason, c.container) == (reason, of) for c in self.changes(name))

    def notes(self, name: str, reason: str) -> list[str]:
        """The notes of its events with that reason."""
        return [n for _, r, n in self.shop.events(self.made[name]) if r == reason]


@contextmanager
def town(gateway: Gateway, programs: Programs, folder: Path) -> Iterator[Town]:
    """All workloads in a namespace of their own, with a scaler of short times for them."""
    programs.scaler.stop()
    hurry = {f"PODTAILOR_POLICY_{name}": value for name, value in _HURRY.items()}
    environment = {
        **programs.scaler.environment,
        **hurry,
        "PODTAILOR_SCALER_RESTARTS_INFLIGHT": "20",
    }
    scaler = Program("scaler", environment, programs.scaler.health, folder / "hurry.log")
    scaler.start()
    try:
        with namespaces.fresh(gateway) as name:
            shop = Shop(gateway, name)
            made = {n: shop.create(m, ready=False) for n, m in workloads().items()}
            found, ended = Town(shop, made, scaler), threading.Event()
            watch = threading.Thread(target=found.watch, args=(ended,))
            watch.start()
            try:
                yield found
            finally:
                ended.set()
                watch.join()
    finally:
        scaler.stop()
        programs.scaler.start()
