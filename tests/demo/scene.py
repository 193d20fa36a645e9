"""The four changes of the experiment's two pods, each under load, and what clients saw of it."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from kube.gateway import Gateway
from tests.demo import workload
from tests.demo.report import AFTER, Change, change, in_place
from tests.demo.timeline import Timeline
from tests.load.client import Load
from tests.load.pod import PodLoad

CLIENTS = 8
PATIENCE = 300.0  # seconds for a whole change
_OVER = 6.0
"""Seconds after a load, for which the scaler still believes an agent that spoke of it."""
_IDLE = 1.0


@dataclass(frozen=True)
class Scene:
    """The workload, its Service, and what is seen of its pods. Each change is None if it failed."""

    gateway: Gateway
    space: str
    timeline: Timeline
    address: str

    def surge(self) -> Change | None:
        """A load step, and replacements beside the old pods after a minute at the limit."""
        load, began = self._step(), time.time()
        self.timeline.say(f"load        {CLIENTS} clients, a new connection for each request")
        done = until(lambda: self.timeline.replaced(2), PATIENCE)
        return self._changed(load, began) if done else None

    def by_hand_in_place(self) -> Change | None:
        """Without replacing a pod.

        Before pods are evicted: connections that died with one are remembered by the kernel for two
        minutes, and a new one from the same port is sent to the pod that is gone.
        """
        self.timeline.say(
            "beside it   the same in place: podtailor.io/strategy=resize, a size by hand"
        )
        load, began = self._load().start(), time.time()
        time.sleep(2)
        workload.change_in_place(self.gateway, self.space)
        return self._resized(load, workload.IN_PLACE, began)

    def with_agent(self) -> Change | None:
        """A load step again, and the bigger quota in place after half a second at the limit."""
        self.timeline.say("beside it   the same load step: podtailor.io/burst=on, no size by hand")
        time.sleep(_OVER)
        workload.leave_to_the_agent(self.gateway, self.space)
        time.sleep(_IDLE)
        load, began = self._step(), time.time()
        self.timeline.say(f"load        {CLIENTS} clients")
        return self._resized(load, workload.RAISED, began)

    def by_eviction(self) -> Change | None:
        """A gap for the clients."""
        self.timeline.say(
            "beside it   the same by eviction: podtailor.io/disruption=evict, a size by hand"
        )
        decided = self.timeline.revision
        load, began = self._load().start(), time.time()
        time.sleep(2)
        workload.change_by_eviction(self.gateway, self.space)
        done = until(
            lambda: self.timeline.revision > decided and self.timeline.replaced(2), PATIENCE
        )
        return self._changed(load, began) if done else None

    def _resized(self, load: Load | PodLoad, limit: str, began: float) -> Change | None:
        done = until(lambda: self._has(limit, began), PATIENCE)
        time.sleep(max(2.0, began + AFTER - time.time()) if limit == workload.RAISED else 2)
        tally = load.stop()
        return in_place(self.timeline, tally, limit, began) if done else None

    def _has(self, limit: str, began: float) -> bool:
        """Whether both pods have it in place, by a decision since then."""
        decided = self.timeline.decided or 0.0
        return decided >= began and bool(self.timeline.resized(2, limit))

    def _changed(self, load: Load | PodLoad, began: float) -> Change:
        time.sleep(2)
        return change(self.timeline, load.stop(), began)

    def _step(self) -> Load | PodLoad:
        """On a whole second, so that two can be compared second by second."""
        load = self._load()
        time.sleep(1 - time.time() % 1)
        return load.start()

    def _load(self) -> Load | PodLoad:
        """From this machine if it reaches Services (the embedded cluster), else from a pod."""
        if os.environ.get("CLUSTER") == "current":
            return PodLoad(self.space, self.address, workload.PORT, clients=CLIENTS)
        return Load(self.address, workload.PORT, "/", clients=CLIENTS)


def until(holds: Callable[[], bool], timeout: float) -> bool:
    """Whether it holds within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False
