"""The store in memory, kept up to date by a watch; answers without a call to the API server.

Both programs look sizes up here. A PodSize that cannot be read (a quantity mistyped by hand, say)
counts as absent and is logged once per version: it never blocks a pod.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from kube.gateway import Gateway
from kube.objects import Key
from kube.watching import Watch
from store.codec import PodSizeJson, podsize_from_json
from store.model import PODSIZE, PodSize, Workload
from store.naming import object_name

logger = logging.getLogger(__name__)

STALE = 120.0
"""Seconds without an event or bookmark after which the cache no longer counts as fresh."""


class Cache:
    """Every PodSize of the cluster."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        changed: Callable[[Key], None] = lambda key: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read: dict[Key, tuple[PodSizeJson, PodSize | None]] = {}
        self._held: Mapping[Key, PodSizeJson] = {}
        self._all: Mapping[Key, PodSize] = {}

        def forget(key: Key) -> None:
            self._read.pop(key, None)  # otherwise a deleted PodSize would stay in memory
            changed(key)

        self.watch = Watch(
            gateway, PODSIZE.path(), PodSizeJson, changed=forget, monotonic=monotonic
        )

    def run(self, stop: threading.Event) -> None:
        """Follow the API server until `stop` is set; call it in a thread of its own."""
        self.watch.run(stop)

    @property
    def fresh(self) -> bool:
        """Whether the store was read completely and the server has answered recently."""
        return self.watch.synced and self.watch.age() < STALE

    def get(self, workload: Workload) -> PodSize | None:
        """The workload's PodSize; None where there is none, or one that cannot be read."""
        found = self.named((workload.namespace, object_name(workload)))
        return found if found and found.workload == workload else None

    def named(self, key: Key) -> PodSize | None:
        """The PodSize with that (namespace, name)."""
        raw = self.watch.get(key)
        return self._parsed(key, raw) if raw is not None else None

    def all(self) -> Mapping[Key, PodSize]:
        """Every PodSize that can be read, as of now."""
        held = self.watch.snapshot()
        if held is not self._held:
            parsed = {key: self._parsed(key, raw) for key, raw in held.items()}
            self._all = {key: podsize for key, podsize in parsed.items() if podsize}
            self._held = held
        return self._all

    def _parsed(self, key: Key, raw: PodSizeJson) -> PodSize | None:
        known = self._read.get(key)
        if known and known[0] is raw:
            return known[1]
        try:
            podsize: PodSize | None = podsize_from_json(raw)
        except ValueError as e:
            logger.warning("PodSize unreadable", extra={"object": "/".join(key), "error": str(e)})
            podsize = None
        self._read[key] = (raw, podsize)
        return podsize
