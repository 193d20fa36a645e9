"""What the node agents have said, as far as it was asked for. Filled by one thread, read by others.

Nothing is kept of a container that does not count, nor taken from an agent of another node: so what
is remembered is bounded by the enrolled containers, whatever is sent. An agent decides nothing:
what it says is one more reading, and too old after FRESH seconds of the scaler's own clock.

| a message about a container                      | outcome                           |
| ------------------------------------------------ | --------------------------------- |
| that does not count, or of another node          | ignored, and counted as such      |
| `Pinned`, of one with `podtailor.io/burst: "on"` | remembered; the loop runs at once |
| `Pinned`, of another one                         | remembered                        |
| `Minute`, `Killed`                               | remembered                        |
| `NodeMinute`, of a node of which something       | remembered                        |
| counts                                           |                                   |
| `Pinned`, FRESH seconds late and more            | ignored: it says nothing of now   |
| the same again, or one that is older than what   | ignored                           |
| is known: messages overtake each other           |                                   |
"""

import threading

from kube import objects, pods
from link.messages import FromAgent, Killed, Minute, NodeMinute, Pinned
from scaler.agents.counting import FRESH, SILENT, Counting, NodeSummary, Pin, Summary


class Reports:
    """By container ID."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counting = Counting()
        self._node_of: dict[str, str] = {}
        self._pins: dict[str, Pin] = {}
        self._minutes: dict[str, Summary] = {}
        self._kills: dict[str, int] = {}
        self._last_said: dict[str, float] = {}
        self._nodes: dict[str, NodeSummary] = {}
        self.throttles = 0
        """Of all nodes, since the start."""

    def count(self, counting: Counting) -> None:
        """These containers count from now on; what is known of others is forgotten."""
        node_of = {c.id: node for node, listed in counting.nodes.items() for c in listed}
        with self._lock:
            self._last_said = {n: at for n, at in self._last_said.items() if n in counting.nodes}
            self._nodes = {n: v for n, v in self._nodes.items() if n in counting.nodes}
            self._counting, self._node_of = counting, node_of
            self._pins = {n: v for n, v in self._pins.items() if n in node_of}
            self._minutes = {n: v for n, v in self._minutes.items() if n in node_of}
            self._kills = {n: v for n, v in self._kills.items() if n in node_of}

    @property
    def counting(self) -> Counting:
        """Which containers count."""
        return self._counting

    def take_in(self, node: str, said: FromAgent, now: float, late: float = 0.0) -> bool | None:
        """Whether it is a reason to look at once; None: it was not asked for.

        `now`: our clock. `late`: seconds that it was held up (lateness.py).
        """
        sent = now - late
        if node in self._counting.nodes:
            self._last_said[node] = now
        if isinstance(said, NodeMinute):
            return self._node(node, said, sent, now)
        if not isinstance(said, Pinned | Killed | Minute):
            return False
        with self._lock:
            if self._node_of.get(said.container) != node:
                return None
            if isinstance(said, Pinned):
                if late >= FRESH or not _newer(sent, self._pins.get(said.container), now):
                    return False
                self._pins[said.container] = Pin(sent, said)
                return said.container in self._counting.bursting
            if isinstance(said, Minute):
                if _newer(sent, self._minutes.get(said.container), now):
                    self._minutes[said.container] = Summary(sent, said)
            else:
                self._kills[said.container] = self._kills.get(said.container, 0) + said.kills
            return False

    def _node(self, node: str, said: NodeMinute, sent: float, now: float) -> bool | None:
        with self._lock:
            if node not in self._counting.nodes:
                return None
            if _newer(sent, self._nodes.get(node), now):
                self._nodes[node] = NodeSummary(sent, said)
                self.throttles += said.throttles or 0
            return False

    def node(self, name: str, now: float) -> NodeSummary | None:
        """A node's last minute, as its agent has seen it; None: silent, or it knows nothing."""
        found = self._nodes.get(name)
        return found if found and -SILENT < now - found.received < SILENT else None

    def nodes(self, now: float) -> list[NodeSummary]:
        """Of all nodes of which one is known."""
        with self._lock:
            names = [*self._nodes]
        return [found for name in names if (found := self.node(name, now))]

    def pinned(self, pod: objects.Pod, container: str, now: float) -> Pin | None:
        """That one of a pod's containers was pinned a moment ago; None: it was not.

        A clock that steps back makes nothing fresh again that was received after `now`.
        """
        name = pods.container_id(pod, container)
        with self._lock:
            found = self._pins.get(name) if name else None
        if found is None or not -FRESH <= now - found.received <= FRESH:
            return None
        return found

    def summary(self, pod: objects.Pod, container: str, now: float) -> Summary | None:
        """The last minute of one of a pod's containers, as its agent has seen it; None: silent."""
        name = pods.container_id(pod, container)
        with self._lock:
            found = self._minutes.get(name) if name else None
        return found if found and -SILENT < now - found.received < SILENT else None

    def last_said(self, node: str) -> float | None:
        """When the agent of a node with containers that count last said anything; None: never."""
        return self._last_said.get(node)

    def known(self) -> int:
        """Of how many containers there is a minute."""
        with self._lock:
            return len(self._minutes)

    def kills(self) -> int:
        """Kills for want of memory in all containers that count, since each was counted."""
        with self._lock:
            return sum(self._kills.values())


def _newer(sent: float, known: Pin | Summary | NodeSummary | None, now: float) -> bool:
    """Whether it was sent after what is known, unless our clock has stepped back since that."""
    return known is None or sent > known.received or known.received > now
