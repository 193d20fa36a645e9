"""Watches without threads: each is polled by itself, some time after the change.

Every watch lags on its own, so two of them never show the cluster at the same moment.
"""

import threading
from collections.abc import Callable
from random import Random
from typing import Any

from kube.watching import Watch
from tests.simulation.connection import WatchConnection
from tests.simulation.etcd import Event
from tests.simulation.routes import route
from tests.simulation.timeline import Timeline

_NEVER = threading.Event()
_HEARTBEAT = 60.0


class Feed:
    """One watch of one process."""

    def __init__(
        self, watch: "Watch[Any]", watching: WatchConnection, timeline: Timeline, chance: Random
    ) -> None:
        self._watching = watching
        self.plural = route(watch.path).kind.plural
        self.lag: tuple[float, float] = (0.005, 0.2)
        self.closed = False
        self._watch = watch
        self._timeline = timeline
        self._chance = chance
        self._planned = False
        self._upto = 0

    def changed(self, event: Event) -> None:
        """Something of some kind was written."""
        if event.kind == self.plural:
            self.plan()

    def plan(self, within: tuple[float, float] | None = None) -> None:
        """Poll after the lag, with everything that exists by then."""
        if not self._planned and not self.closed:
            self._planned, self._upto = True, self._watching.api.etcd.version
            self._timeline.after(self._chance.uniform(*(within or self.lag)), self.come_round)

    def come_round(self) -> None:
        """List if necessary, and process the events."""
        self._planned = False
        if self.closed:
            return
        punctual = self._chance.random() < 0.5  # what came meanwhile has its own lag
        self._watching.upto = self._upto if punctual else None
        error = self._watch._attempt(_NEVER)
        self._watching.upto = None
        if error is not None:
            self.plan((0.1, 2.0))
        elif punctual and self._watching.api.etcd.since(self.plural, self._upto):
            self.plan()

    def keep_alive(self, again: Callable[[], bool]) -> None:
        """A bookmark now and then, as long as `again` says."""
        if again():
            self.plan()
            self._timeline.after(_HEARTBEAT, lambda: self.keep_alive(again))
