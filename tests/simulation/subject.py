"""The scaler under test: the real loop and everything below it, with its process around it.

What a restart loses is lost here too: a new process has new watches, new windows, a new store
cache. What it takes up from its history it has where a world has one, and what it asks a server for
(`run(seed, past=...)`). Only the gateway, the clocks and the threads are replaced.
"""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from scaler.execution.actuator import Actuator
from scaler.execution.handover import Handover
from scaler.execution.rights_policy import RightsPolicy
from scaler.execution.webhook_probe import Probe
from scaler.filling import Filling
from scaler.history.server import Server
from scaler.model import Plan
from scaler.recording import Recording
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.usage import at_rest
from scaler.usage.at_rest import Rounds
from scaler.usage.storage import Windows
from scaler.wake import Wake
from scaler.watches import Observer
from tests.simulation.connection import Connection, CrashedError, WatchConnection
from tests.simulation.disk import Disk
from tests.simulation.etcd import Event, Json, Key
from tests.simulation.feeds import Feed
from tests.simulation.kubelets import Kubelets
from tests.simulation.proven import Proven
from tests.simulation.timeline import Timeline


@dataclass
class Subject:
    """One process of the scaler."""

    settings: Settings
    connection: Connection
    watching: WatchConnection
    timeline: Timeline
    kubelets: Kubelets
    chance: Random
    cycled: Callable[["Subject", list[Plan]], None]
    crashed: Callable[["Subject"], None]
    ahead: float = 0.0
    """Seconds by which its clock is ahead."""
    gap: float = 0.05
    """Seconds for which it collects changes before a cycle."""
    disk: sqlite3.Connection | None = None
    """Where its history is."""
    served: Server | None = None
    """Who is asked for what its history lacks."""
    waited: float | None = None
    """Seconds for which its first cycle waited for that; None: it has not asked yet."""
    dead: bool = False
    cycles: int = 0
    began: float = 0.0
    """When its last cycle began, by its own clock."""
    true_began: float = 0.0
    known: dict[str, int] = field(default_factory=dict)
    """By kind: the version that its watches had delivered as the cycle began."""
    seen: dict[str, int] = field(default_factory=dict)
    """By UID of a PodSize: the newest version that it has held."""

    def __post_init__(self) -> None:
        self.wake, self.born = Wake(), self.timeline.now
        monotonic = lambda: self.timeline.now  # noqa: E731
        self.observer = Observer(self.watching, self._woken, monotonic=monotonic)
        wait, release = self.timeline.pass_, self.settings.namespace
        probe = Probe(self.connection, release, wait=wait, monotonic=monotonic)
        rights_policy = RightsPolicy(self.connection, monotonic=monotonic)
        hands = Handover(self.connection, probe, rights_policy, self.settings.drain, monotonic)
        self.loop = Proven(
            self.settings,
            self.observer,
            Windows(),
            Actuator(self.connection, self.observer.store, probe, hands),
            Reporter(self.connection, self.connection.actor),
            self.wake,
            self.now,
        )
        if self.disk is not None:
            disk = Disk(self.disk, float(self.settings.track_window))
            self.loop.recording = Recording(self.loop.memory, self.loop.windows, disk)
            self.loop.recording.take_up()
        rules, apart = self.observer.rules.watches(), Random(f"{self.connection.actor} rules")
        self.feeds = [
            Feed(watch, self.watching, self.timeline, apart if watch in rules else self.chance)
            for watch in self.observer.watches()
        ]
        self._busy = False
        self._turn_at = float("inf")
        self.rounds = Rounds(at_rest.seconds(self.settings.interval))

    def start(self) -> None:
        """The process begins: watches list, and the first look comes soon."""
        for feed in self.feeds:
            feed.plan((0.0, 0.5))
            feed.keep_alive(lambda: not self.dead)
        self._plan(self.chance.uniform(0.1, 1.0))
        self.timeline.after(self.chance.uniform(0.1, 1.0), self._sample)

    def stop(self) -> None:
        """The process is gone."""
        self.dead = True
        for feed in self.feeds:
            feed.closed = True

    def now(self) -> float:
        """Its own clock."""
        return self.timeline.now + self.ahead

    def changed(self, event: Event) -> None:
        """Something was written in the cluster."""
        for feed in self.feeds:
            feed.changed(event)

    def pressed(self) -> None:
        """A node agent says what does not wait."""
        self.wake.set()
        if not self._busy and self._turn_at > self.timeline.now:
            self._plan(0.0)

    def knows(self, plural: str) -> dict[Key, Json]:
        """What it must have known as its cycle began: all that its watch had delivered."""
        version = self.known.get(plural, 0)
        return self.connection.api.etcd.state(plural, version)

    def _woken(self, key: Key) -> None:
        self.wake.changed()
        self._soon()

    def _soon(self) -> None:
        if not self._busy and self._turn_at > self.timeline.now + self.gap:
            self._plan(self.gap)

    def _plan(self, delay: float) -> None:
        at = self._turn_at = self.timeline.now + delay
        self.timeline.after(delay, lambda: self._turn(at))

    def _turn(self, at: float) -> None:
        if self.dead or self._busy or at != self._turn_at:
            return
        self._busy = True
        self._fill()
        everything = self.loop.cadence.begin(self.timeline.now)
        began = self.timeline.now
        self.known = dict(self.watching.delivered)
        self.cycles += 1
        self.began, self.true_began = self.now(), began
        try:
            plans = self.loop.cycle(self.began, everything=everything)
        except CrashedError:
            self.stop()
            self.crashed(self)
            return
        self._busy = False
        self.cycled(self, plans)
        taken = self.timeline.now - began  # at most half of its time is spent in cycles
        at_once = self.wake.is_set() or self.loop.cadence.hurry
        self._plan(self.gap + taken if at_once else float(self.loop.pause))

    def _fill(self) -> None:
        """Before its first cycle, once there are lists."""
        if self.served is None or self.waited is not None or self.observer.missing():
            return
        began, loop = self.timeline.now, self.loop
        filling = Filling(self.served, self.observer, loop.memory, loop.windows, self.now)
        filling.run(float(self.settings.track_window), threading.Event())
        self.waited = self.timeline.now - began

    def _sample(self) -> None:
        if self.dead:
            return
        windows, enrolled = self.loop.windows, self.loop.memory.enrolled()
        everyone = self.rounds.everyone(self.timeline.now)
        windows.expect(chain.from_iterable(enrolled.values()), self.now())
        for (_, node), found in sorted(self.kubelets.cluster.all("nodes").items()):
            if node in self.kubelets.down or not found:
                continue
            if not everyone and node not in self.loop.near:
                continue
            skew, pods = self.kubelets.skew.get(node, 0.0), enrolled.get(node, frozenset())
            samples = self.kubelets.counters.samples(node, skew, self.now())
            mine = [s for s in samples if (s.namespace, s.pod) in pods]
            windows.take_in(mine, self.now())
        if everyone:
            self.wake.set()
        else:
            self.wake.changed()
        self._soon()
        self.timeline.after(float(self.settings.interval), self._sample)
