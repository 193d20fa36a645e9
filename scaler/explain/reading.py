"""Reads what an explanation needs: the cluster once, with the scaler's own watches, and usage.

Nothing is written, not even as a dry run. Usage is what the scaler has written into its history;
where that has none (no history, or a workload that is not enrolled), it is read for some seconds.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from math import inf

from msgspec import Struct
from msgspec.structs import replace

from kube import objects
from kube.errors import KubeError
from kube.gateway import Gateway
from kube.kubelet import KubeletReader
from scaler.certificates import secrets
from scaler.certificates.options import PODS, PROBE
from scaler.certificates.webhook_configuration import Configuration, unlike
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.history.recall import Recalled
from scaler.settings import Settings
from scaler.usage.enrolled import by_node
from scaler.usage.scraper import Kubelets
from scaler.usage.sources import MetricsApi, Usage
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, NoMinute, Reading
from scaler.watches import Observer

ENTRIES = (PODS, PROBE)
LISTED = 60.0  # seconds for all lists
_SAMPLED = 20.0  # seconds in which a kubelet must have looked at a container twice
_STEP = 2.0

Sampled = Mapping[tuple[str, str, str], Minute]
"""By namespace, pod and container: what was read for some seconds."""


class NotListedError(Exception):
    """The cluster could not be read in time; the message says what of it."""


def snapshot(gateway: Gateway) -> Snapshot:
    """The cluster as it is now, by the watches of the loop. Raises NotListedError."""
    observer, stop = Observer(gateway, lambda key: None), threading.Event()
    observer.start(stop)
    until = time.monotonic() + LISTED
    while missing := observer.missing():
        if time.monotonic() > until:
            raise NotListedError("not read in time: " + ", ".join(missing))
        time.sleep(0.05)
    stop.set()
    return observer.snapshot()


class Trusted(Struct, frozen=True):
    """What the webhook's configuration says; see Permissions."""

    webhook: str | None
    admits: Callable[[View], str | None]


def trusted(gateway: Gateway, settings: Settings, found: Snapshot) -> Trusted:
    """As far as can be read; nothing is repaired, and no connection is tried."""
    if not settings.configuration:
        return Trusted(None, lambda view: None)
    try:
        configuration = secrets.read_configuration(gateway, settings.configuration)
    except KubeError as e:
        return Trusted(f"its configuration cannot be read: {e.message}", lambda view: None)
    if configuration is None:
        return Trusted(f"{settings.configuration} does not exist", lambda view: None)
    return Trusted(_wrong(configuration), lambda view: _left_out(configuration, view, found))


def _wrong(configuration: Configuration) -> str | None:
    entries = configuration.entries(ENTRIES)
    if len(entries) < len(ENTRIES):
        return f"{configuration.metadata.name} lacks an entry"
    if not all(configuration.bundles(ENTRIES).values()):
        return "the API server has no CA for the webhook"
    return unlike(entries) or None


def _left_out(configuration: Configuration, view: View, found: Snapshot) -> str | None:
    namespace = found.namespaces.get(("", view.workload.namespace))
    labels = (namespace.metadata.labels if namespace else None) or {}
    template = view.owner.spec.template.metadata.labels if view.owner else None
    entries = configuration.entries([PODS])
    out = (e.leaves_out(view.workload.namespace, labels, template or {}) for e in entries)
    return next(out, None)


def windows(recalled: Recalled, pods: Iterable[objects.Pod]) -> Windows:
    """The scaler's readings, a few seconds old. It has asked for those of these pods all along."""
    made = Windows()
    made.take_up(recalled.readings)
    made.expect(((p.metadata.namespace, p.metadata.name) for p in pods), -inf)
    return made


def sampled(
    gateway: Gateway, settings: Settings, found: Snapshot, pods: Iterable[objects.Pod]
) -> tuple[Sampled, Mapping[str, str]]:
    """What these pods use, read twice within some seconds; by node, why it cannot be read."""
    wanted = {(p.metadata.namespace, p.metadata.name): p for p in pods}
    there = by_node(wanted.values())
    nodes = [n for n in found.nodes.values() if n.metadata.name in there]
    reader = KubeletReader(gateway.trust, verify=settings.kubelet_tls == "verify")
    usage = Usage(settings.usage_source, Kubelets(reader, deadline=5.0), MetricsApi(gateway))
    first: dict[tuple[str, str, str], Reading] = {}
    out: dict[tuple[str, str, str], Minute] = {}
    failures: Mapping[str, str] = {}
    until = time.monotonic() + _SAMPLED
    while nodes and time.monotonic() < until:
        scrape = usage.read(nodes, wanted.values(), gateway.time.now, there)
        failures = scrape.failures
        for s in scrape.samples:
            key = (s.namespace, s.pod, s.container)
            before = first.setdefault(key, s.reading)
            if s.reading.at - before.at > 1.0:
                out[key] = _between(before, s.reading)
        if first and out.keys() == first.keys():
            break
        time.sleep(_STEP)
    return out, failures


def _between(a: Reading, b: Reading) -> Minute:
    seconds = b.at - a.at
    mean = max(0.0, 1000 * (b.cpu_seconds - a.cpu_seconds) / seconds)
    return Minute(mean, seconds, b.memory, b.received)


class Seen(Struct, frozen=True):
    """Usage for an explanation: the scaler's own minutes, else what was sampled."""

    windows: Windows
    sampled: Sampled
    now: float

    def minute(self, pod: objects.Pod, container: str) -> Minute | NoMinute:
        """As the cycle context asks for it."""
        own = self.windows.minute(pod, container, self.now)
        if isinstance(own, Minute):
            return own
        other = self.sampled.get((pod.metadata.namespace, pod.metadata.name, container))
        return own if other is None else replace(other, received=self.now)

    def source(self, pod: objects.Pod, container: str) -> str:
        """Who says so."""
        if isinstance(self.windows.minute(pod, container, self.now), Minute):
            return "the scaler's readings"
        known = (pod.metadata.namespace, pod.metadata.name, container) in self.sampled
        return "read just now, not a whole minute" if known else "the scaler's readings"
