"""What kubelets answer, and a reader of kubelets with scripted answers."""

import time
from collections.abc import Callable, Mapping

from kube.errors import KubeError, Unreachable
from kube.gateway import Trust
from kube.kubelet import RESOURCE, KubeletReader, Page, Unverified
from kube.objects import Address, DaemonEndpoint, DaemonEndpoints, Node, NodeMeta, NodeStatus
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.window import Reading

WEB = '{container="nginx",namespace="shop",pod="web-1"}'
CPU = f"container_cpu_usage_seconds_total{WEB} 12.5 1700000100123"
MEMORY = f"container_memory_working_set_bytes{WEB} 6.4e+07 1700000100123"
START = f"container_start_time_seconds{WEB} 1.7e+09 1700000100123"
ANSWER = f"""\
# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed
# TYPE container_cpu_usage_seconds_total counter
{CPU}
# HELP container_memory_working_set_bytes [STABLE] Current working set
# TYPE container_memory_working_set_bytes gauge
{MEMORY}
# HELP container_start_time_seconds [STABLE] Start time of the container
# TYPE container_start_time_seconds gauge
{START}
# HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node
# TYPE node_cpu_usage_seconds_total counter
node_cpu_usage_seconds_total 4096 1700000100123
# HELP pod_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the pod
# TYPE pod_cpu_usage_seconds_total counter
pod_cpu_usage_seconds_total{{namespace="shop",pod="web-1"}} 12.6 1700000100123
# TYPE scrape_error gauge
scrape_error 0
"""
SAMPLE = Sample(
    "shop", "web-1", "nginx", Reading(1700000100.123, 77.0, 12.5, 64_000_000, 1_700_000_000.0)
)


class Scripted(KubeletReader):
    """A reader whose kubelets do what the table says, by address."""

    def __init__(self, doing: Mapping[str, Callable[[float], str]]) -> None:
        super().__init__(lambda: Trust(None, None, None, None), verify=True)
        self.doing = doing
        self.asked: list[tuple[str, int]] = []
        self.closely: list[str] = []

    def read(self, address: str, port: int, timeout: float, page: Page = RESOURCE) -> str:
        if page is not RESOURCE:
            self.closely.append(address)
            return self.cadvisor(address)
        self.asked.append((address, port))
        return self.doing[address](timeout)

    def cadvisor(self, address: str) -> str:
        """The other page; here none has one."""
        raise KubeError(404, "NotFound", "no such page")


def answers(_: float) -> str:
    return ANSWER


def hangs(timeout: float) -> str:
    time.sleep(timeout)
    raise Unreachable(0, "Timeout", "did not answer")


def unverified(_: float) -> str:
    raise Unverified(0, "Unverified", "the certificate cannot\nbe verified")


def garbles(_: float) -> str:
    return "container_start_time_seconds{"


def node(name: str, *addresses: Address, port: int = 10250) -> Node:
    given = list(addresses) or [Address("InternalIP", name)]
    kubelet = DaemonEndpoints(DaemonEndpoint(port))
    return Node(NodeMeta(name=name), status=NodeStatus(addresses=given, daemon_endpoints=kubelet))
