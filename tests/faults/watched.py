"""Records everything that happens to one workload's pods and PodSize, with a watch of its own.

Polling would miss a pod that exists only briefly; a watch reports each one.
"""

import threading
from collections.abc import Mapping

import msgspec

from kube.gateway import Gateway, connect
from kube.objects import Key, Pod
from kube.watching import Watch
from store.cache import Cache
from store.model import PodSize, Workload
from store.naming import object_name

_SILENCE = 15.0  # seconds: this watch has to survive the same faults
_NOT_REFUSED = ("connection refused", "EOF", "timeout", "deadline", "connection reset", "no route")
"""In the words of a pod that was not made because nobody was there to make it."""


class Watched:
    """Records until `stop()`. Connects to the API server directly, past the programs' proxies."""

    def __init__(self, gateway: Gateway, workload: Workload) -> None:
        self.made: dict[str, str] = {}
        """Names by UID."""
        self.said: list[str] = []
        """Reason codes as they followed each other."""
        self.fewest = 0
        """Pods Ready at the worst moment since `begin`."""
        self._gateway, self.workload = gateway, workload
        self._stop = threading.Event()
        own = connect()
        path = f"/api/v1/namespaces/{workload.namespace}/pods"
        self._pods = Watch(own, path, Pod, changed=self._pod, silence=_SILENCE)
        self._store = Cache(own, changed=self._podsize)
        for run in (self._pods.run, self._store.run):
            threading.Thread(target=run, args=(self._stop,), daemon=True).start()

    def begin(self) -> None:
        """Record the fewest Ready pods and the reasons from here on."""
        self.fewest, self.said = self.ready(), []

    def stop(self) -> None:
        """Stop; takes effect with the next event."""
        self._stop.set()

    def ready(self) -> int:
        """Pods that are Ready now."""
        return sum(pod.ready for pod in self._mine().values())

    def refused(self) -> list[str]:
        """The messages with which the API server refused pods of the namespace."""
        path = f"/apis/events.k8s.io/v1/namespaces/{self.workload.namespace}/events"
        found = msgspec.json.decode(self._gateway.get(path), type=_Events).items
        notes = [str(e.get("note")) for e in found if e["reason"] == "FailedCreate"]
        return [n for n in notes if not any(word in n for word in _NOT_REFUSED)]

    def podsize(self) -> PodSize | None:
        """The PodSize as it was seen last."""
        return self._store.get(self.workload)

    def _mine(self) -> Mapping[Key, Pod]:
        return {k: p for k, p in self._pods.snapshot().items() if self._is_mine(p)}

    def _is_mine(self, pod: Pod) -> bool:
        return (pod.metadata.labels or {}).get("app") == self.workload.name

    def _pod(self, key: Key) -> None:
        pod = self._pods.get(key)
        if pod and self._is_mine(pod):
            self.made[pod.metadata.uid] = pod.metadata.name
        self.fewest = min(self.fewest, self.ready())

    def _podsize(self, key: Key) -> None:
        if key != (self.workload.namespace, object_name(self.workload)):
            return
        podsize = self.podsize()
        reason = str(podsize.status.reason) if podsize and podsize.status.reason else ""
        if reason and self.said[-1:] != [reason]:
            self.said = [*self.said, reason]


class _Events(msgspec.Struct):
    items: list[dict[str, object]]
