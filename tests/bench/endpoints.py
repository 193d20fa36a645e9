"""How many ready endpoints a Service has, from a watch of its EndpointSlices."""

import threading

from kube.gateway import Gateway
from kube.objects import Key
from kube.watching import Watch
from scaler.execution.draining import Slice, listed


class Endpoints:
    """Follows one Service; `seen`: each number that it had, in order, until `stop()`."""

    def __init__(self, gateway: Gateway, namespace: str, service: str) -> None:
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        self.seen: list[int] = []
        self._service = service
        self._watch = Watch(gateway, path, Slice, changed=self._changed)
        self._stop = threading.Event()
        threading.Thread(target=self._watch.run, args=(self._stop,), daemon=True).start()

    def stop(self) -> None:
        """Stop; the thread ends with the next event."""
        self._stop.set()

    def _changed(self, key: Key) -> None:
        if not self._stop.is_set():
            self.seen.append(len(listed(self._service, self._watch.snapshot().values())))
