"""The node agents: the real arithmetic of samples, on the containers of the simulated kubelets.

What is between an agent and the scaler is a connection for each node, on which messages can be
held up, doubled, lost or overtaken (perturbations/agents.py). The lines are the real ones. The port
itself, TLS and what it does with a flood are tested with real sockets elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from agent import minutes, pinned
from agent.counters import Counters
from agent.minutes import Sum
from agent.pinned import Streak
from agent.watch import dated
from link.lines import Malformed, from_agent, line
from link.messages import Alive, Dated, FromAgent, Minute, Pinned
from scaler.agents import lateness
from scaler.agents.lateness import Way
from scaler.node_agents import NodeAgents
from tests.simulation.counters import Counter
from tests.simulation.heat import SECONDS, Heat
from tests.simulation.kubelets import Kubelets
from tests.simulation.subject import Subject

PACE = 0.1
NEEDED = 5
_ALIVE = 10.0
_UNLIMITED = 10**9


@dataclass
class Sampled:
    """What is known of one container. `pins`: (begin, end, limit) of each time at its limit."""

    counters: Counters
    at: float
    streak: Streak = pinned.NONE
    minute: Sum = field(default_factory=Sum)
    pins: list[tuple[float, float, int]] = field(default_factory=list)


@dataclass
class Connection:
    """From one node to one process of the scaler; `began`: true seconds."""

    node: str
    subject: Subject
    began: float
    alive: float
    heat: float
    listed: frozenset[str] = frozenset()
    way: Way | None = None


@dataclass
class Agents:
    """Those of all nodes. `faults`: by node, what its connection does to messages."""

    kubelets: Kubelets
    scaler: Callable[[], Subject | None]
    chance: Random
    heat: Heat
    faults: dict[str, set[str]] = field(default_factory=dict)
    sampled: dict[str, Sampled] = field(default_factory=dict)
    """By container ID; also those that do not count: the truth."""
    _connections: dict[str, Connection] = field(default_factory=dict)
    _again: dict[str, float] = field(default_factory=dict)
    """When a node without a connection tries next."""

    @property
    def now(self) -> float:
        """True seconds."""
        return self.kubelets.cluster.timeline.now

    def begin(self) -> None:
        """Sample from now on."""
        self.kubelets.cluster.timeline.after(PACE, self._tick)

    def join(self, subject: Subject) -> None:
        """A process of the scaler listens."""
        subject.loop.around.agents = NodeAgents(recount=lambda: self._recount(subject))

    def has(self, node: str, fault: str) -> bool:
        """Whether a node's messages meet that."""
        return fault in self.faults.get(node, ())

    def _tick(self) -> None:
        for (_, node), _ in self.kubelets.cluster.all("nodes").items():
            self._connect(node)
        for counter in [*self.kubelets.counters.current.values()]:
            self._sample(counter)
        for connection in [*self._connections.values()]:
            self._side(connection)
        self.kubelets.cluster.timeline.after(PACE, self._tick)

    def _connect(self, node: str) -> None:
        there, subject = self._connections.get(node), self.scaler()
        if node in self.kubelets.down or (there and there.subject.dead):
            self.end(node)
        elif there is None and self.now >= self._again.get(node, 0.0) and subject:
            if self.has(node, "version") or self.has(node, "silent"):  # it is refused, or not there
                self._again[node] = self.now + 5.0
                return
            self._connections[node] = Connection(node, subject, self.now, self.now, self.now)
            self._recount(subject)

    def end(self, node: str) -> None:
        """The connection is gone, with all that was on its way."""
        self._connections.pop(node, None)
        self._again[node] = self.now + self.chance.uniform(1.0, 10.0)

    def _recount(self, subject: Subject) -> None:
        """The agents learn which containers count, as soon as they look."""
        pause = self.chance.uniform(0.0, 0.6)
        self.kubelets.cluster.timeline.after(pause, lambda: self._counted(subject))

    def _counted(self, subject: Subject) -> None:
        for node, connection in self._connections.items():
            if connection.subject is subject and subject.loop.around.agents:
                listed = subject.loop.around.agents.reports.counting.nodes.get(node, ())
                connection.listed = frozenset(c.id for c in listed)

    def _sample(self, counter: Counter) -> None:
        known, now = self.sampled.get(counter.known), self.now
        wanted, limit = counter.wanted(now), counter.limit
        quota = float(limit) if limit < _UNLIMITED else None
        if known is None:
            self.sampled[counter.known] = Sampled(Counters(0, quota=quota), now)
            return
        seconds, before = now - known.at, known.counters
        known.counters = Counters(
            before.cpu + round(min(wanted, limit) * seconds * 1000),
            before.periods + 1,
            before.throttled + (wanted > limit),
            quota,
        )
        known.at = now
        if wanted >= pinned.SHARE * limit:
            _extend(known.pins, now - seconds, now, limit)
        connection = self._connections.get(counter.node)
        if connection is None or counter.known not in connection.listed:
            known.streak, known.minute = pinned.NONE, Sum()
            return
        sample = pinned.between(before, known.counters, seconds)
        self._reported(connection, counter.known, known, sample)

    def _reported(
        self, connection: Connection, name: str, known: Sampled, sample: pinned.Sample | None
    ) -> None:
        known.streak, event = pinned.followed(known.streak, sample, NEEDED)
        if event:
            said = Pinned(name, event.seconds, event.used, event.quota, event.throttled)
            self.say(connection, said)
        known.minute = minutes.added(known.minute, sample) if sample else known.minute
        if known.minute.seconds < minutes.SECONDS:
            return
        found, known.minute = minutes.summary(known.minute, None), Sum()
        if found:
            self.say(connection, Minute(name, found.seconds, found.mean, found.peak))

    def _side(self, connection: Connection) -> None:
        """What it says beside its samples: that it lives, and lies."""
        if self.now - connection.alive >= _ALIVE:
            connection.alive = self.now
            self.say(connection, Alive())
        if self.now - connection.heat >= SECONDS and connection.listed:
            connection.heat = self.now
            self.say(connection, self.heat.said(connection.node))
        if self.has(connection.node, "lying") and connection.listed and self.chance.random() < 0.02:
            name = self.chance.choice(sorted(connection.listed))
            counter = next(
                (c for c in self.kubelets.counters.current.values() if c.known == name), None
            )
            if counter and counter.limit < _UNLIMITED:
                quota = float(counter.limit)
                self.say(connection, Pinned(name, self.chance.uniform(0.0, 5.0), quota, quota, 1.0))

    def say(self, connection: Connection, message: FromAgent) -> None:
        """Send it, with whatever happens on the way."""
        node, chance = connection.node, self.chance
        after = self.kubelets.cluster.timeline.after
        if self.has(node, "lost") and chance.random() < 0.5:
            return
        text = line(dated(message, self.now - connection.began)).strip()
        if self.has(node, "garbled") and chance.random() < 0.3:
            text = text.replace(b'"container"', b'"workload"').replace(b'"alive"', b'"living"')
        delays = [chance.uniform(0.0005, 0.02)]
        if self.has(node, "late"):
            delays[0] = chance.uniform(0.5, 40.0)
        if self.has(node, "shuffled"):
            delays[0] = chance.uniform(0.0, 4.0)
        if self.has(node, "doubled"):
            delays.append(delays[0] + chance.uniform(0.0, 20.0))
        for delay in delays:
            after(delay, lambda: self._arrived(connection, text))

    def _arrived(self, connection: Connection, text: bytes) -> None:
        subject, late = connection.subject, 0.0
        if self._connections.get(connection.node) is not connection or subject.dead:
            return
        try:
            said = from_agent(text)
        except Malformed:
            self.end(connection.node)
            return
        if isinstance(said, Dated):
            connection.way, late = lateness.followed(connection.way, said.at, self.now)
        reports = subject.loop.around.agents.reports if subject.loop.around.agents else None
        if reports and reports.take_in(connection.node, said, subject.now(), late):
            subject.pressed()


def _extend(pins: list[tuple[float, float, int]], begin: float, end: float, limit: int) -> None:
    last = pins[-1] if pins else None
    if last and last[1] == begin and last[2] == limit:
        pins[-1] = (last[0], end, limit)
    else:
        pins.append((begin, end, limit))
