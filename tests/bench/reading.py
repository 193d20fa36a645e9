"""What it costs the scaler to read a kubelet's answers, in CPU time for each container. No network.

A full node: 110 pods of two containers, without their sandboxes, which no line is kept of.
"""

import time
from collections.abc import Callable

from scaler.usage import cadvisor
from scaler.usage.kubelet_metrics import parse
from tests.bench.results import Figure, Measured, median, rounded

PODS, CONTAINERS = 110, ("web", "proxy")
TIMES = 21
_AT = 1_795_465_950.123
_RESOURCE = {
    "container_cpu_usage_seconds_total": "12.345678",
    "container_memory_working_set_bytes": "6.4e+07",
    "container_start_time_seconds": "1.795462350123e+09",
}
_NAMES = [f"web-5d4f8c7b9-{number:05}" for number in range(PODS)]


def measure() -> Measured:
    """A few seconds."""
    pods = {("shop", name) for name in _NAMES}
    resource, close = _resource(), _cadvisor()
    usage = [_took(lambda: len(parse(resource, _AT, "node"))) for _ in range(TIMES)]
    looks = [_took(lambda: len(cadvisor.parse(close, pods))) for _ in range(TIMES)]
    how = {"pods": PODS, "containers": len(CONTAINERS), "times": TIMES}
    how |= {"bytes of usage": len(resource), "bytes of cadvisor": len(close)}
    return Measured(
        [
            Figure("usage, per container", round(median(usage), 2), "µs CPU"),
            Figure("cadvisor, per container", round(median(looks), 2), "µs CPU"),
        ],
        how,
        {"usage": rounded(usage, 2), "cadvisor": rounded(looks, 2)},
    )


def _took(read: Callable[[], int]) -> float:
    """Microseconds for each container. Raises RuntimeError where one was not read."""
    began = time.process_time()
    count = read()
    took = time.process_time() - began
    if count != PODS * len(CONTAINERS):
        raise RuntimeError(f"{count} containers were read")
    return took / count * 1e6


def _resource() -> str:
    lines = []
    for metric, value in _RESOURCE.items():
        lines += [f"# HELP {metric} [STABLE] Of one container", f"# TYPE {metric} gauge"]
        lines += [
            f'{metric}{{container="{container}",namespace="shop",pod="{pod}"}} {value} {_MILLIS}'
            for pod in _NAMES
            for container in CONTAINERS
        ]
    return "\n".join(lines)


def _cadvisor() -> str:
    """The lines that count, as the reader of kubelets picks them."""
    return "\n".join(
        f'{metric}{{container="{container}",id="/kubelet.slice/kubelet-kubepods.slice/'
        f'cri-containerd-{number:064}.scope",image="registry.example/nginx:1.27",'
        f'name="{number:064}",namespace="shop",pod="{pod}"}} '
        f"{_RESOURCE.get(metric, '12345678')} {_MILLIS}"
        for metric in cadvisor.METRICS
        for number, pod in enumerate(_NAMES)
        for container in CONTAINERS
    )


_MILLIS = round(_AT * 1000)
