"""When pods of a namespace were created, Ready and deleted: from a watch, by our own clock."""

import threading
import time
from dataclasses import dataclass

from kube.gateway import Gateway
from kube.objects import Key, Pod
from kube.watching import Watch
from scaler.cluster.pod_sizes import sizes_of


@dataclass
class Times:
    """One pod; seconds since the epoch. `limit`: millicores."""

    app: str
    limit: int | None
    created: float
    ready: float | None = None
    leaving: float | None = None


class Arrivals:
    """Follows the pods of a namespace until `stop()`."""

    def __init__(self, gateway: Gateway, namespace: str) -> None:
        self._watch = Watch(
            gateway, f"/api/v1/namespaces/{namespace}/pods", Pod, changed=self._changed
        )
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._pods: dict[str, Times] = {}
        threading.Thread(target=self._watch.run, args=(self._stop,), daemon=True).start()

    def stop(self) -> None:
        """Stop; the thread ends with the next event."""
        self._stop.set()

    def of(self, app: str) -> dict[str, Times]:
        """All pods of one app that were seen, by name."""
        with self._lock:
            return {name: pod for name, pod in self._pods.items() if pod.app == app}

    def _changed(self, key: Key) -> None:
        now, pod, name = time.time(), self._watch.get(key), key[1]
        with self._lock:
            held = self._pods.get(name)
            if held is None and pod is not None:
                app = (pod.metadata.labels or {}).get("app", "")
                size = sizes_of(pod).get("app")
                held = self._pods[name] = Times(app, size.limits.cpu if size else None, now)
            if held is None:
                return
            if pod is None or pod.metadata.deletion_timestamp:
                held.leaving = held.leaving or now
            elif pod.ready:
                held.ready = held.ready or now
