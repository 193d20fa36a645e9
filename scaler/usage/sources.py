"""Where usage comes from, by the setting `scaler.usage.source`.

| source        | a node's usage comes from                                                     |
| ------------- | ----------------------------------------------------------------------------- |
| `kubelet`     | its kubelet, whose certificate the cluster's CA must have signed (kubeletTLS) |
| `metrics-api` | the Metrics API, with one request for all nodes                               |
| `auto`        | its kubelet; the Metrics API where only the certificate is wrong              |

Where there is none, the node's failure says why and which setting may help. The status of the
workloads there shows it.
"""

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from kube import kinds, objects
from kube.errors import Forbidden, KubeError, NotFound
from kube.gateway import Gateway
from scaler.usage import enrolled as asked_for
from scaler.usage import metrics_api, rate_counters
from scaler.usage.enrolled import Enrolled
from scaler.usage.scraper import Kubelets, Scrape

AUTO, KUBELET, METRICS_API = SOURCES = ("auto", "kubelet", "metrics-api")

_OFTEN = 5.0  # seconds: no rate may be missed, and metrics-server has a new one every 10 s or more
_NO_COUNTERS: rate_counters.Counters = MappingProxyType({})
_NO_KERNEL = "the Metrics API knows neither throttling nor which memory can be reclaimed"
_SKIP = "set scaler.usage.kubeletTLS=skip"
_ADVICE = {
    KUBELET: f"{_SKIP}, or scaler.usage.source=auto where there is a metrics-server",
    METRICS_API: "install metrics-server, or set scaler.usage.source=auto",
    AUTO: f"install metrics-server (scaler.usage.source=auto then reads it), or {_SKIP}",
}


class MetricsApi:
    """`metrics.k8s.io` of a cluster, its rates added up."""

    def __init__(self, gateway: Gateway, counters: rate_counters.Counters = _NO_COUNTERS) -> None:
        self._gateway = gateway
        self._counters = counters

    def read(
        self,
        nodes: Collection[str],
        pods: Iterable[objects.Pod],
        received: Callable[[], float],
    ) -> Scrape:
        """The usage of the pods on these nodes. Never raises for an API that does not answer."""
        try:
            rates = metrics_api.parse(self._gateway.get(kinds.POD_METRICS.path()))
        except (KubeError, ValueError) as e:
            return Scrape((), dict.fromkeys(nodes, _line(e)))
        now = received()
        there = [p for p in pods if p.spec.node_name in nodes]
        started = rate_counters.starts(there)
        self._counters, samples = rate_counters.add_up(self._counters, rates, started, now)
        node_of = {(p.metadata.namespace, p.metadata.name): p.spec.node_name or "" for p in there}
        samples = [replace(s, node=node_of.get((s.namespace, s.pod), "")) for s in samples]
        silent = rate_counters.silent(there, rates, now)
        why = "the Metrics API has no usage of the pods of this node"
        return Scrape(tuple(samples), dict.fromkeys(silent, why))


class Usage:
    """The configured source."""

    def __init__(self, source: str, kubelets: Kubelets, api: MetricsApi) -> None:
        self._source = source
        self._kubelets = kubelets
        self._api = api
        self._reads_api = source == METRICS_API

    def pause(self, interval: float) -> float:
        """Seconds until the next scrape."""
        return min(interval, _OFTEN) if self._reads_api else interval

    def read(
        self,
        nodes: Sequence[objects.Node],
        pods: Iterable[objects.Pod],
        received: Callable[[], float],
        enrolled: Enrolled,
        near: Container[str] = (),
    ) -> Scrape:
        """One scrape of the enrolled pods; `received` is our clock. `near`: nodes not at rest.

        Never raises for a missing answer.
        """
        pods = asked_for.of(pods, enrolled)
        if self._source == METRICS_API:
            there = {n.metadata.name for n in nodes if n.metadata.name in enrolled}
            scrape = self._api.read(there, pods, received) if there else Scrape((), {})
            scrape = replace(scrape, unseen=dict.fromkeys(enrolled, _NO_KERNEL))
            return _advised(scrape, scrape.failures, METRICS_API)
        scrape = self._kubelets.read(nodes, received, enrolled, near)
        self._reads_api = self._source == AUTO and bool(scrape.unverified)
        if self._source == KUBELET or not scrape.unverified:
            return _advised(scrape, scrape.unverified, self._source)
        instead = self._api.read(scrape.unverified, pods, received)
        unseen = dict.fromkeys(scrape.unverified, _NO_KERNEL)
        both = replace(_together(scrape, instead), unseen={**scrape.unseen, **unseen})
        return _advised(both, instead.failures, AUTO)


def _together(kubelets: Scrape, api: Scrape) -> Scrape:
    """Both together; nodes with an unverified kubelet have the Metrics API's usage or failure."""
    failures = {n: why for n, why in kubelets.failures.items() if n not in kubelets.unverified}
    for node, why in api.failures.items():
        failures[node] = f"{kubelets.failures[node]}; {why}"
    return replace(kubelets, samples=kubelets.samples + api.samples, failures=failures)


def _advised(scrape: Scrape, nodes: Collection[str], source: str) -> Scrape:
    lines = {n: f"{scrape.failures[n]}: {_ADVICE[source]}" for n in nodes}
    return replace(scrape, failures={**scrape.failures, **lines})


def _line(error: KubeError | ValueError) -> str:
    if isinstance(error, NotFound):
        return "there is no Metrics API"
    if isinstance(error, Forbidden):
        return "the scaler may not list pods of metrics.k8s.io"
    detail = f"{error.status} {error.message}" if isinstance(error, KubeError) else str(error)
    return f"the Metrics API cannot be used ({' '.join(detail.split())[:200]})"
