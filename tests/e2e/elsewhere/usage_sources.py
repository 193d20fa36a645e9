"""The tests that test_usage_sources.py runs inside its own cluster, one at a time.

Its kubelets have self-signed certificates; all other settings are those of every test.
"""

import time
from contextlib import closing

import msgspec
import pytest

from kube.gateway import Gateway
from kube.kubelet import KubeletReader
from kube.objects import Node, Pod
from scaler.usage.enrolled import by_node
from scaler.usage.scraper import Kubelets
from scaler.usage.sources import MetricsApi, Usage
from scaler.usage.storage import Windows
from scaler.usage.window import Minute
from store.model import Workload
from store.reasons import Reason
from tests.e2e.programs import Programs
from tests.e2e.workloads import Shop, container, manifest, sized, sizes, until

_LOOKS = 5.0  # seconds between two
# Minutes that end at different times differ somewhat.
_HALF = """
while :; do e=$(($(/bin/busybox date +%s)+5))
  while [ $(/bin/busybox date +%s) -lt $e ]; do :; done; /bin/busybox sleep 5
done
"""


class Nodes(msgspec.Struct):
    """The answer to a list."""

    items: list[Node]


def _web(shop: Shop) -> Workload:
    """One pod limited to 100m, which may be replaced."""
    annotations = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}
    small = [container(**sized("50m", "100m"))]
    made = manifest("Deployment", replicas=1, annotations=annotations, containers=small)
    return shop.create(made)


def _told(shop: Shop, workload: Workload) -> tuple[Reason | None, str]:
    podsize = shop.podsize(workload)
    return (podsize.status.reason, podsize.status.message) if podsize else (None, "no PodSize")


def test_a_workload_without_usage_names_the_setting_that_is_missing(shop: Shop) -> None:
    workload = _web(shop)
    until(lambda: _told(shop, workload)[0] is Reason.NO_USAGE, 30, lambda: _told(shop, workload))
    message = _told(shop, workload)[1]
    for word in ("cannot be verified", "scaler.usage.kubeletTLS", "scaler.usage.source"):
        assert word in message


def test_a_pod_at_its_limit_is_doubled_on_the_same_minute(
    shop: Shop, gateway: Gateway, programs: Programs
) -> None:
    workload, meter = _web(shop), _meter(shop)
    shop.load()
    shop.load("meter")
    pod = shop.pods()[0]
    with closing(KubeletReader(gateway.trust, verify=False)) as reader:
        by_api, by_kubelets = _measured(gateway, reader, meter)
    print(f"Metrics API {by_api}, kubelets {by_kubelets}")
    assert by_api[0] == pytest.approx(by_kubelets[0], rel=0.03)
    assert by_api[1] == pytest.approx(by_kubelets[1], rel=0.25)
    until(
        lambda: [sizes(p).limits.cpu for p in shop.pods() if p.ready] == [200],
        120,
        lambda: _told(shop, workload),
    )
    podsize = shop.podsize(workload)
    assert podsize is not None and podsize.status.changes[0].reason is Reason.DOUBLED
    assert shop.pods()[0].metadata.uid != pod.metadata.uid
    assert "unverified kubelets" in programs.scaler.log.read_text()


def _meter(shop: Shop) -> Pod:
    """A pod of two containers that is not enrolled; the second works half of the time."""
    half = {
        **container("half", **sized("20m", "50m")),
        "command": ["/bin/busybox", "sh", "-c", _HALF],
        "readinessProbe": None,
    }
    both = [container(**sized("50m", "100m")), half]
    shop.create(manifest("Deployment", "meter", replicas=1, annotations={}, containers=both))
    return shop.pods("meter")[0]


def _measured(gateway: Gateway, reader: KubeletReader, pod: Pod) -> tuple[list[float], list[float]]:
    """The first minute of both containers: by the Metrics API, and by the kubelet, unverified."""
    kubelets = Kubelets(reader, deadline=3.0)
    api = MetricsApi(gateway)
    usages = [Usage(source, kubelets, api) for source in ("metrics-api", "kubelet")]
    windows = [Windows(), Windows()]
    nodes = msgspec.json.decode(gateway.get("/api/v1/nodes"), type=Nodes).items
    names = [c.name for c in pod.spec.containers]
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        time.sleep(_LOOKS)
        for usage, window in zip(usages, windows, strict=True):
            window.take_in(usage.read(nodes, [pod], time.time, by_node([pod])).samples, time.time())
        known = [[w.minute(pod, name, time.time()) for name in names] for w in windows]
        means = [[m.mean for m in one if isinstance(m, Minute)] for one in known]
        if all(len(one) == len(names) for one in means):
            return means[0], means[1]
    raise AssertionError(known)
