"""What goes on beside the loop, each in a thread of its own: usage, trust, the Lease.

Each of them outlives whatever goes wrong in it, but for the Lease: who has lost it ends at once,
for somebody else may act by now.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kube.gateway import Gateway
from kube.lease import Lease
from scaler.certificates import reachability
from scaler.certificates.options import PODS, Mode, TrustSettings
from scaler.certificates.trust import Trust, TrustState
from scaler.certificates.webhook_configuration import Entry
from scaler.cluster.view import View
from scaler.loop import Loop
from scaler.settings import Settings
from scaler.usage.sources import Usage

logger = logging.getLogger(__name__)

CALL_SECONDS = 5.0
"""What one call to the API server may wait for its answer, beside 3 s to connect."""

ACT_SECONDS = 9.0
"""What one call may take in all: no pod is taken with less than that left of the Lease."""


_FRESH = 5.0
"""Seconds for which it is taken as known why the webhook is not reached."""


def sample(loop: Loop, usage: Usage, stop: threading.Event) -> None:
    """Look at all usage each interval, and wake the loop with it."""
    failures: Mapping[str, str] = {}
    unverified: frozenset[str] = frozenset()
    while not stop.wait(usage.pause(loop.settings.interval)):
        observer = loop.observer
        try:
            nodes = list(observer.nodes.snapshot().values())
            scrape = usage.read(nodes, observer.pods.snapshot().values(), loop.clock)
            loop.windows.take_in(scrape.samples, loop.clock(), scrape.failures)
        except Exception:
            # The edge of this thread: usage that cannot be read today may be read in a moment.
            logger.exception("usage not read")
            continue
        loop.reporter.metrics.scrape_failures.set(len(scrape.failures))
        fresh = {node: why for node, why in scrape.failures.items() if failures.get(node) != why}
        for why in set(fresh.values()):
            nodes_of = sorted(node for node in fresh if fresh[node] == why)
            told = {"node": nodes_of[0], "nodes": len(nodes_of), "error": why}
            logger.warning("no usage", extra=told)
        if len(scrape.unverified) != len(unverified):
            logger.info("unverified kubelets", extra={"nodes": len(scrape.unverified)})
        failures, unverified = scrape.failures, scrape.unverified
        loop.wake.set()


@dataclass
class Keeper:
    """Keeps the API server's trust in the webhook while we hold the Lease."""

    trust: Trust
    held: Callable[[], bool]
    loop: Loop
    state: TrustState | None = None
    tried: float = -float("inf")
    seen: str | None = None

    def run(self, stop: threading.Event) -> None:
        """A cycle each interval; the loop is woken when what it says changes."""
        while not stop.is_set():
            if self.held():
                self._cycle()
            stop.wait(self.loop.settings.interval)

    def problem(self) -> str | None:
        """What the last cycle found wrong; None: nothing, or none was made yet."""
        return self.state.message if self.state and not self.state.ok else None

    def excluded(self, view: View) -> str | None:
        """Why the configuration leaves a workload's pods out; None: it does not, so far."""
        entry = self._entry(PODS)
        if entry is None:
            return None
        name = view.workload.namespace
        found = self.loop.observer.namespaces.get(("", name))
        labels = (found.metadata.labels if found else None) or {}
        template = view.owner.spec.template.metadata.labels if view.owner else None
        return entry.leaves_out(name, labels, template or {})

    def diagnosis(self) -> str | None:
        """What is wrong on the way to the webhook, as of a few seconds ago; None: not known."""
        entry = self._entry(PODS)
        if entry is not None and time.monotonic() - self.tried >= _FRESH:
            self.tried, self.seen = time.monotonic(), reachability.trouble(entry.client_config)
        return self.seen if entry is not None else None

    def _entry(self, name: str) -> Entry | None:
        found = self.state.found if self.state else None
        return next(iter(found.entries([name])), None) if found else None

    def _cycle(self) -> None:
        before = self.problem()
        try:
            self.state = self.trust.cycle(time.time())
        except Exception:
            logger.exception("trust not kept")
            return
        if self.state.expires is not None:
            self.loop.reporter.metrics.certificate_expiry.set(self.state.expires)
        if self.problem() != before:
            logger.info("trust", extra={"problem": self.problem() or "none"})
            self.loop.wake.set()


def trust_of(settings: Settings, gateway: Gateway) -> Trust | None:
    """None where no configuration is named: then trust is somebody else's business."""
    if not settings.configuration:
        return None
    return Trust(
        gateway,
        TrustSettings(
            namespace=settings.namespace,
            service=settings.service,
            configuration=settings.configuration,
            ca_secret=settings.ca_secret,
            leaf_secret=settings.leaf_secret,
            mode=Mode(settings.certificates),
            ca_lifetime=settings.ca_lifetime,
            leaf_lifetime=settings.leaf_lifetime,
            refresh=settings.secret_refresh,
        ),
    )


def lost(reason: str) -> None:
    """The Lease is gone: end at once, whatever any thread is in the middle of."""
    logging.shutdown()
    os._exit(3)


def lease_of(settings: Settings, gateway: Gateway, identity: str) -> Lease | None:
    """None where none is named. `gateway`: one with short time-outs, for this alone."""
    if not settings.lease:
        return None
    return Lease(gateway, settings.namespace, settings.lease, identity, lost=lost)
