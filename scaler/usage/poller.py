"""Reads usage each interval, in a thread of its own, and stores the readings.

Any failure of a read is logged, and does not affect the next one.
"""

import logging
import threading
from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass, field
from itertools import chain

from msgspec.structs import replace

from kube import objects
from scaler.usage.enrolled import Enrolled
from scaler.usage.scraper import Scrape
from scaler.usage.sources import Usage
from scaler.usage.storage import Windows

logger = logging.getLogger(__name__)


@dataclass
class Poller:
    """Usage in, readings out. `interval`: seconds between two reads.

    `cluster`: returns the nodes and pods as last seen. `done` is called after each read; where
    other nodes have failed than before, that concerns everyone. `enrolled`: returns the
    enrolled pods by node. `near`: the nodes that are not at rest.
    """

    usage: Usage
    windows: Windows
    cluster: Callable[[], tuple[Collection[objects.Node], Collection[objects.Pod]]]
    clock: Callable[[], float]
    done: Callable[[Scrape], None]
    interval: float
    enrolled: Callable[[], Enrolled]
    near: Callable[[], Container[str]] = tuple
    _failures: Mapping[str, str] = field(default_factory=dict)
    _unseen: Mapping[str, str] = field(default_factory=dict)
    _unverified: int = 0

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        while not stop.wait(self.usage.pause(self.interval)):
            try:
                self._read()
            except Exception:
                # The edge of this thread: a failure must not end it, the next read may succeed.
                logger.exception("usage not read")

    def _read(self) -> None:
        nodes, pods = self.cluster()
        enrolled = self.enrolled()
        self.windows.expect(chain.from_iterable(enrolled.values()), self.clock())
        scrape = self.usage.read([*nodes], pods, self.clock, enrolled, self.near())
        self.windows.take_in(scrape.samples, self.clock(), scrape.failures)
        others = scrape.failures != self._failures
        self._log(scrape)
        self.done(replace(scrape, everyone=scrape.everyone or others))

    def _log(self, scrape: Scrape) -> None:
        """Log what is new: the same failure is not logged again with each read."""
        _news("no usage", scrape.failures, self._failures)
        _news("neither throttling nor memory is known", scrape.unseen, self._unseen)
        if len(scrape.unverified) != self._unverified:
            logger.info("unverified kubelets", extra={"nodes": len(scrape.unverified)})
        self._failures, self._unseen = scrape.failures, scrape.unseen
        self._unverified = len(scrape.unverified)


def _news(what: str, found: Mapping[str, str], before: Mapping[str, str]) -> None:
    new = {node: why for node, why in found.items() if before.get(node) != why}
    for why in set(new.values()):
        nodes = sorted(node for node in new if new[node] == why)
        logger.warning(what, extra={"node": nodes[0], "nodes": len(nodes), "error": why})
