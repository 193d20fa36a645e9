"""Many small workloads of real pods, users who resize them, and the state of it all."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from kube.errors import KubeError
from kube.gateway import Gateway, connect
from kube.objects import Key, Pod
from kube.watching import Watch
from scaler.cluster import pod_state
from store.model import Apply, Phase, PodSize, Workload
from tests.e2e.workloads import ANYWHERE, IMAGE, Json, Shop, manifest, sized

KINDS = ("Deployment", "ReplicationController", "StatefulSet", "ReplicaSet")
_ASKED = (8, 10, 12, 15)  # millicores, so that a hundred workloads fit on two small nodes
_HARDEST = 30  # one workload in this many has pods that use all the CPU they may


@dataclass
class Town:
    """The workloads of one namespace. Every choice is drawn from `luck`."""

    shop: Shop
    luck: random.Random
    wanted: dict[Workload, int] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    hands: int = 0

    def settle(self, count: int) -> None:
        """Create that many workloads of one to three pods each, without waiting for them."""
        for number in range(count):
            replicas = self.luck.randint(1, 3)
            made = self._manifest(f"w{number:03}", self.luck.choice(KINDS), replicas, number)
            self.wanted[self.shop.create(made, ready=False)] = replicas

    def watch(self, stop: threading.Event) -> None:
        """Count every pod that is ever created, in a thread of its own."""
        path = f"/api/v1/namespaces/{self.shop.namespace}/pods"

        def seen(key: Key) -> None:
            if pod := pods.get(key):
                self.made.add(pod.metadata.uid)

        pods = Watch(connect(), path, Pod, changed=seen, silence=15.0)
        threading.Thread(target=pods.run, args=(stop,), daemon=True).start()

    def hand(self) -> None:
        """A user sets or removes a size; errors of an unavailable server are ignored."""
        workload = self.luck.choice([*self.wanted])
        request = self.luck.choice(_ASKED)
        size = {"requests": {"cpu": f"{request}m"}, "limits": {"cpu": f"{2 * request}m"}}
        hands = [{"name": "app", **size}] if self.luck.random() < 0.8 else []
        with suppress(KubeError):
            path = self.shop.podsize_path(workload)
            self.shop.gateway.patch(path, {"spec": {"containers": hands}})
            self.hands += 1

    def pods(self) -> list[Pod]:
        """All pods that are not terminating."""
        path = f"/api/v1/namespaces/{self.shop.namespace}/pods"
        found = msgspec.json.decode(self.shop.gateway.get(path), type=_Pods).items
        return [p for p in found if not p.metadata.deletion_timestamp]

    def stands(self) -> Iterator["Stand"]:
        """The current state of each workload."""
        by_name: dict[str, list[Pod]] = {}
        for pod in self.pods():
            by_name.setdefault((pod.metadata.labels or {}).get("app", ""), []).append(pod)
        for workload, wanted in self.wanted.items():
            pods = by_name.get(workload.name, [])
            yield Stand(workload, wanted, pods, self.shop.podsize(workload))

    def reasons(self) -> Counter[str]:
        """The reasons of workloads whose pods do not have their stored sizes."""
        return Counter(s.reason for s in self.stands() if not s.settled)

    def _manifest(self, name: str, kind: str, replicas: int, number: int) -> Json:
        serve = "mkdir -p /tmp/www; exec /bin/busybox httpd -f -p 80 -h /tmp/www"
        if number % _HARDEST == 0:
            serve = "/bin/busybox httpd -p 80; while :; do :; done"
        one = {
            "name": "app",
            "image": IMAGE,
            "command": ["/bin/busybox", "sh", "-c", serve],
            "resources": sized("8m", "16m", "16Mi"),
            "readinessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 2},
        }
        asked = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}
        more: Json = {"annotations": asked, "containers": [one], "pod": ANYWHERE}
        return manifest(kind, name, replicas=replicas, **more)


@dataclass(frozen=True)
class Stand:
    """One workload: its pods, and its PodSize."""

    workload: Workload
    wanted: int
    pods: list[Pod]
    podsize: PodSize | None

    @property
    def complete(self) -> bool:
        """Whether no pod is missing."""
        return len(self.pods) == self.wanted == sum(p.ready for p in self.pods)

    @property
    def settled(self) -> bool:
        """Whether every pod has its stored size, and the status agrees.

        After a rollback the stored size is only for new pods: healthy ones keep theirs.
        """
        if self.podsize is None or self.podsize.status.phase is not Phase.SETTLED:
            return False
        size = self.podsize.status.size
        kept = size is not None and size.apply is Apply.NEW
        return self.complete and (kept or all(pod_state.of(p, size).current for p in self.pods))

    @property
    def explained(self) -> bool:
        """Whether the status says why the workload is not settled."""
        phases = (Phase.BLOCKED, Phase.ROLLED_BACK)
        return self.podsize is not None and self.podsize.status.phase in phases

    @property
    def reason(self) -> str:
        """The status's reason."""
        return str(self.podsize.status.reason) if self.podsize else "no PodSize"


class _Pods(msgspec.Struct):
    items: list[Pod]


def versions(town: Town, gateway: Gateway) -> dict[str, str]:
    """Versions of all PodSizes and pods, which change with each of our writes and with each pod."""
    path = f"/apis/podtailor.io/v1alpha1/namespaces/{town.shop.namespace}/podsizes"
    found = msgspec.json.decode(gateway.get(path))["items"]
    found_versions = {o["metadata"]["name"]: o["metadata"]["resourceVersion"] for o in found}
    return found_versions | {p.metadata.uid: "" for p in town.pods()}
