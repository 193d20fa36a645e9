"""What each pod had at each time: its CPU limit, as its kubelet says, looked at every second."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from kube.gateway import Gateway
from kube.objects import Pod
from kube.quantity import cpu
from tests.demo.unlike import daemonsets

Key = tuple[str, str]
"""DaemonSet and node."""
EVERY = 1.0


@dataclass
class Sizes:
    """Follows the pods of the DaemonSets in a thread of its own, and prints each change."""

    gateway: Gateway
    space: str
    began: float = field(default_factory=time.time)
    seen: dict[Key, list[tuple[float, int]]] = field(default_factory=dict)
    """Of each pod's place: since when (seconds since the beginning), and how many millicores."""
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Sizes":
        """Begin looking."""
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join(10)

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.time() - self.began

    def last_change(self) -> float:
        """When a pod's size changed last."""
        return max((known[-1][0] for known in self.seen.values()), default=0.0)

    def curve(self, key: Key, until: float, every: int) -> Sequence[float]:
        """Its millicores every so many seconds."""
        known = self.seen[key]
        moments = range(0, int(until) + 1, every)
        return [next((m for at, m in reversed(known) if at <= t), known[0][1]) for t in moments]

    def _follow(self) -> None:
        while not self._over.wait(EVERY):
            for pod in daemonsets.pods(self.gateway, self.space):
                self.take((pod.metadata.labels or {})["app"], pod)

    def take(self, name: str, pod: Pod) -> None:
        """Note what a pod has, if that is known and new."""
        limit, key = has(pod), (name, pod.spec.node_name or "")
        known = self.seen.setdefault(key, []) if limit else []
        if limit is None or (known and known[-1][1] == limit):
            return
        known.append((self.now() if known else 0.0, limit))
        if len(known) > 1:
            print(f"{self.now():7.1f} s  {name:<9} on {key[1]}: {limit}m in place", flush=True)


def has(pod: Pod) -> int | None:
    """The CPU limit of its container in millicores, as its kubelet says."""
    found = [s.resources for s in pod.status.container_statuses or () if s.resources]
    limits = found[0].limits if found else None
    return cpu(limits["cpu"]) if limits and "cpu" in limits else None
