"""Creates pods as a workload's controller does, but as dry runs that only reach admission.

A dry run passes every webhook like any other creation but leaves nothing behind, so that even
thousands of them are no burden for a small cluster.
"""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType

import msgspec

from kube.errors import KubeError
from kube.gateway import Gateway
from kube.objects import Pod
from scaler.cluster.pod_sizes import sizes_of
from store.model import Size, Workload
from tests.e2e.workloads import Json, container

_AT_ONCE = 32


@dataclass(frozen=True)
class Asker:
    """Finds out what a new pod of `workload` (a ReplicationController) would get."""

    gateway: Gateway
    workload: Workload

    def ask(self) -> Size:
        """The size of a pod created now. Raises KubeError if it is refused."""
        path = f"/api/v1/namespaces/{self.workload.namespace}/pods"
        raw = self.gateway.post(path, self._pod(), dryRun="All")
        return sizes_of(msgspec.json.decode(raw, type=Pod))["app"]

    def _pod(self) -> Json:
        reference = {
            "apiVersion": self.workload.api_version,
            "kind": self.workload.kind,
            "name": self.workload.name,
            "uid": "00000000-0000-0000-0000-000000000001",
            "controller": True,
        }
        return {
            "metadata": {"generateName": "asked-", "ownerReferences": [reference]},
            "spec": {"containers": [container()]},
        }


@dataclass
class Stream:
    """Creates `rate` pods a second while the block runs, and records the results."""

    asker: Asker
    wanted: Size
    rate: float
    sized: int = 0
    without: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __enter__(self) -> "Stream":
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def __str__(self) -> str:
        slow = sorted(self.seconds)
        at = (
            [f"{1000 * slow[int(q * (len(slow) - 1))]:.0f}" for q in (0.5, 0.99, 1)] if slow else []
        )
        return (
            f"{len(slow)} pods at {self.rate:g}/s: {self.sized} sized, "
            f"{len(self.without)} without their size, {len(self.refused)} refused; "
            f"p50/p99/longest {'/'.join(at)} ms"
        )

    def _run(self) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            asked: list[Future[None]] = []
            while not self._over.wait(self._pause(len(asked))):
                asked.append(threads.submit(self._ask))
            for one in asked:
                one.result()

    def _pause(self, asked: int) -> float:
        return max(0.0, self._began + asked / self.rate - time.monotonic())

    def _ask(self) -> None:
        began = time.monotonic()
        try:
            got = self.asker.ask()
        except KubeError as e:
            with self._lock:
                self.refused.append(str(e))
            return
        with self._lock:
            self.seconds.append(time.monotonic() - began)
            if got == self.wanted:
                self.sized += 1
            else:
                self.without.append(began - self._began)
