"""One fault, injected during a change, and what must hold afterwards: see `unharmed`.

| asserted of every fault                                                         |
| ------------------------------------------------------------------------------- |
| all pods are Ready again, with the requested size                               |
| no pod was refused by the API server                                            |
| no container was restarted; at most one pod was replaced in addition to those   |
| that the change and the fault require                                           |
| at most one pod was not Ready at a time, except for those that the fault hit    |
| the obstacle was reported in the PodSize and as an event                        |
| the only intervention was ending the fault                                      |
"""

import time
from dataclasses import dataclass, field
from typing import Any

from store.model import Size, Workload
from store.reasons import Reason
from tests.e2e.observed import restarts
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.workloads import Json, Shop, manifest, until
from tests.faults.figures import Figures, keep
from tests.faults.watched import Watched

_QUIET = (Reason.WARMING_UP, Reason.NO_USAGE, Reason.IN_BOUNDS)
"""What is said of every new pod, fault or not."""


@dataclass
class Trial:
    """A workload of real pods. `expected`: pods that are created even if nothing goes wrong."""

    shop: Shop
    workload: Workload
    watched: Watched
    replicas: int
    test: str
    expected: int
    healed: float = field(default_factory=time.monotonic)

    def begin(self, *hands: Json) -> None:
        """Request another size, and return when the first pod of the change exists."""
        before = uids(self.shop.pods(self.workload.name))
        self.watched.begin()
        self.shop.by_hand(self.workload, *(hands or [BY_HAND]))
        until(lambda: bool(set(self.watched.made) - before), 30, self.said)

    def says(self, reason: Reason, within: float = 30) -> None:
        """The reason appears in the PodSize, and as an event on the workload."""
        until(lambda: str(reason) in self.watched.said, within, self.said)
        until(lambda: any(e[1] == reason for e in self.shop.events(self.workload)), 10, self.said)

    def heals(self) -> None:
        """The fault is over: recovery is timed from here."""
        self.healed = time.monotonic()

    def unharmed(
        self, fault: str, *, size: Size = LARGE, away: int = 1, within: float = 60
    ) -> None:
        """Assert the module's table, store figures. `away`: pods that may be missing at once."""
        pods = self.replicas
        until(lambda: settled(self.shop, self.workload, size, pods), within, self.said)
        self._counted(fault, away)

    def recovered(self, fault: str, *, away: int = 1, within: float = 60) -> None:
        """The same if the size had to be rolled back: all pods are Ready, with whatever size."""
        pods = self.replicas
        until(lambda: self.watched.ready() == pods == len(self.shop.pods()), within, self.said)
        self._counted(fault, away)

    def _counted(self, fault: str, away: int) -> None:
        seconds = time.monotonic() - self.healed
        extra, fewest = len(self.watched.made) - self.expected, self.watched.fewest
        seen = " → ".join(r for r in self.watched.said if r not in _QUIET)
        keep(Figures(fault, seen, max(0, extra), fewest, self.replicas, seconds, self.test))
        print(f"{fault}: {seen}; {extra} extra, {fewest} Ready at least, {seconds:.1f} s")
        assert extra <= 1, self.watched.made
        assert fewest >= self.replicas - away
        assert self.watched.refused() == []
        pods = self.shop.pods(self.workload.name)
        assert restarts(pods) == 0

    def said(self) -> object:
        """The state, for an assertion's message."""
        return status_of(self.shop, self.workload), self.watched.said, self.watched.made


def on_trial(shop: Shop, test: str, kind: str = "Deployment", **spec: Any) -> Trial:
    """A workload that can be sized, of two pods by default, all Ready and watched."""
    replicas: int = spec.pop("replicas", 2)
    made = manifest(kind, replicas=replicas, **{"minReadySeconds": 1, **spec})
    workload = shop.create(made)
    watched = Watched(shop.gateway, workload)
    until(lambda: watched.ready() == replicas and watched.podsize() is not None, 30)
    return Trial(shop, workload, watched, replicas, test, 2 * replicas)
