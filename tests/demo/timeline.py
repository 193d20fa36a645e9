"""Prints what happens in the experiment's namespace, as it is seen, with this machine's time."""

import threading
import time
from dataclasses import dataclass, field

from kube import objects
from kube.gateway import Gateway
from kube.objects import Key
from kube.watching import Watch
from store.annotations import SIZE_REVISION
from store.cache import Cache


@dataclass
class PodTimes:
    """One pod; seconds since the epoch, None: not seen (yet)."""

    created: float
    revision: str
    limit: str
    ready: float | None = None
    leaving: float | None = None
    has: str = ""
    """The CPU limit that its container has, as its kubelet said last."""
    resized: dict[str, float] = field(default_factory=dict)
    """When its kubelet said that its container has another one, in place."""


@dataclass
class Timeline:
    """Follows the experiment's workload, its pods and its PodSize, and prints each change."""

    gateway: Gateway
    space: str
    podsize: str = "replicationcontroller-web"
    begun: float = field(default_factory=time.time)
    decided: float | None = None
    revision: int = 0
    pods: dict[str, PodTimes] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _told: str = ""

    def start(self) -> None:
        """Watch, in threads of its own."""
        base = f"/api/v1/namespaces/{self.space}/pods"
        self._pods = Watch(self.gateway, base, objects.Pod, changed=self._pod)
        self._store = Cache(self.gateway, changed=self._podsize)
        for watch in (self._pods, self._store.watch):
            threading.Thread(target=watch.run, args=(self._stop,), daemon=True).start()

    def stop(self) -> None:
        """Stop following and printing."""
        self._stop.set()

    def say(self, what: str) -> None:
        """Print one line, with the seconds since the start."""
        print(f"{time.time() - self.begun:7.1f} s  {what}", flush=True)

    def replaced(self, wanted: int) -> bool:
        """Whether `wanted` pods are Ready with the decided size, and no others are left."""
        with self._lock:
            if not self.revision:
                return False
            here = [p for p in self.pods.values() if p.leaving is None]
            ready = [p for p in here if p.ready and p.revision == str(self.revision)]
            return len(ready) == len(here) == wanted

    def resized(self, wanted: int, limit: str) -> list[float]:
        """When each of the pods had that limit in place; empty: not all of them have it yet."""
        with self._lock:
            here = [p for p in self.pods.values() if p.leaving is None]
            times = sorted(p.resized[limit] for p in here if limit in p.resized)
            return times if len(times) == len(here) == wanted else []

    def made(self, since: float) -> int:
        """How many pods are newer than that."""
        with self._lock:
            return sum(p.created >= since for p in self.pods.values())

    def _podsize(self, key: Key) -> None:
        found = self._store.named(key) if key == (self.space, self.podsize) else None
        if found is None:
            return
        status, size = found.status, found.status.size
        if size and size.revision != self.revision:
            with self._lock:
                self.revision, self.decided = size.revision, time.time()
            last = status.changes[0]
            self.say(
                f"decision    {status.reason}: {status.message}; store says {last.container} "
                f"{last.resource} {last.before} -> {last.after} (revision {size.revision})"
            )
        elif status.reason and f"{status.phase} {status.reason}" != self._told:
            self.say(f"status      {status.phase}, {status.reason}: {status.message}")
        self._told = f"{status.phase} {status.reason}"

    def _pod(self, key: Key) -> None:
        now, pod, name = time.time(), self._pods.get(key), key[1]
        if not name.startswith("web-"):
            return
        with self._lock:
            seen = self.pods.get(name)
            if pod is None:
                if seen and seen.leaving is None:
                    seen.leaving = now
                return
            if seen is None:
                limits = pod.spec.containers[0].resources.limits or {}
                revision = pod.metadata.annotation(SIZE_REVISION) or "none"
                seen = self.pods[name] = PodTimes(now, revision, str(limits.get("cpu")))
                seen.has = seen.limit
                line = f"new pod     {name}: limit {seen.limit}, revision {revision}"
            elif pod.metadata.deletion_timestamp and seen.leaving is None:
                seen.leaving = now
                line = f"going       {name} ({seen.limit})"
            elif pod.ready and seen.ready is None:
                seen.ready = now
                line = f"ready       {name}: limit {seen.limit}, {now - seen.created:.2f} s after"
            elif (limit := _has(pod)) not in (None, seen.has):
                seen.has = str(limit)
                seen.resized[seen.has] = now
                line = f"in place    {name}: limit {limit}, nothing restarted"
            else:
                return
        self.say(line)


def _has(pod: objects.Pod) -> str | None:
    """The CPU limit of its container, as its kubelet says."""
    resources = [c.resources for c in pod.status.container_statuses or ()]
    return next((str(r.limits["cpu"]) for r in resources if r and r.limits), None)
